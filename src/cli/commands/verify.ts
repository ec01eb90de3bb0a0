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
    const [{ withCollection }, { printFaults }, { printJson }, { plural }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-faults.ts'),
      import('../print-json.ts'),
      import('../progress.ts'),
    ])
    const { faults, status } = await withCollection(flags, async (collection) => ({
      faults: await collection.verify(),
      status: await collection.status(),
    }))
    const { sources, passages } = status
    if (json) printJson({ ok: faults.length === 0, sources, passages, faults }, terminal)
    else if (faults.length === 0)
      terminal.out(`all is well: ${plural(passages, 'passage')} of ${plural(sources, 'source')} read and checked\n`)
    else {
      printFaults(faults, terminal)
      terminal.err('next: vecino repair\n')
    }
    return faults.length === 0 ? exitStatus.done : exitStatus.damaged
  },
})
