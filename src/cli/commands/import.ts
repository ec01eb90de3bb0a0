import { defineCommand } from '../command.ts'
export const command = defineCommand({
  name: 'import',
  summary: 'read .npy and JSONL',
  arguments: [],
  options: [],
  examples: [],
  run: async () => undefined,
})
