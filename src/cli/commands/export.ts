import { defineCommand } from '../command.ts'
export const command = defineCommand({
  name: 'export',
  summary: 'write the collection as .npy and JSONL',
  arguments: [],
  options: [],
  examples: [],
  run: async () => undefined,
})
