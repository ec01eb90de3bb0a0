import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

type RepairFlags = CollectionFlag & JsonFlag

const namedAtMost = 20

export const command = defineCommand<RepairFlags>({
  name: 'repair',
  summary: 'mend a damaged collection; a copy of it is kept',
  arguments: [],
  options: [collectionOption, jsonOption],
  examples: ['vecino repair', 'vecino repair --collection docs.vecino --json'],
  async run({ flags, terminal, json }: CommandInput<RepairFlags>) {
    const [{ existingPath }, { repairSqlite }, { printJson }, { safeLine }, { count, plural }] = await Promise.all([
      import('../open-collection.ts'),
      import('../../stores/sqlite/index.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
      import('../progress.ts'),
    ])
    const report = await repairSqlite(await existingPath(flags.collection))
    const lost = report.collections.reduce((sum, { lost, unnamed }) => sum + lost.length + unnamed, 0)
    if (json) printJson({ ok: lost === 0, ...report }, terminal)
    else if (report.backup === undefined)
      terminal.out('nothing to mend: all was read and checked; the file is as it was\n')
    else {
      for (const { name, kept, lost, unnamed } of report.collections) {
        terminal.out(`${safeLine(name)}: ${plural(kept, 'source')} kept, ${count(lost.length + unnamed)} lost\n`)
        for (const id of lost.slice(0, namedAtMost)) terminal.out(`    lost: ${safeLine(id)}\n`)
        if (lost.length > namedAtMost)
          terminal.out(`    lost: ${count(lost.length - namedAtMost)} more (all: --json)\n`)
        if (unnamed > 0) terminal.out(`    lost: ${plural(unnamed, 'source')} whose names are gone, too\n`)
      }
      terminal.note(`The file as it was: ${safeLine(report.backup)}`)
      if (lost > 0) terminal.err('next: vecino add the files again; what was kept is not embedded again\n')
    }
    return lost === 0 ? exitStatus.done : exitStatus.damaged
  },
})
