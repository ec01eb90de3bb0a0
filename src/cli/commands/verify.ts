import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

type VerifyFlags = CollectionFlag & JsonFlag

export const command = defineCommand<VerifyFlags>({
  name: 'verify',
  summary: 'read everything and check every checksum',
  arguments: [],
  options: [collectionOption, jsonOption],
  examples: ['vecino verify', 'vecino verify --collection docs.vecino --json'],
  async run({ flags, terminal, json }: CommandInput<VerifyFlags>) {
    const [{ existingPath }, { verifyCollection }, { printJson }, { safeLine }, { plural, count }] = await Promise.all([
      import('../open-collection.ts'),
      import('../../core/verify.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
      import('../progress.ts'),
    ])
    return undefined
  },
})
