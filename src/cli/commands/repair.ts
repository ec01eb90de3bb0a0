import { defineCommand } from '../command.ts'
export const command = defineCommand({
  name: 'repair',
  summary: 'mend a damaged collection: derived data is rebuilt, damaged sources are named and dropped',
  arguments: [],
  options: [],
  examples: [],
  run: async () => undefined,
})
