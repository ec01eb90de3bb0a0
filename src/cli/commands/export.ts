import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

type ExportFlags = CollectionFlag & JsonFlag

export const command = defineCommand<ExportFlags>({
  name: 'export',
  summary: 'write vectors, texts and passport as .npy and JSON lines',
  arguments: [{ name: 'folder', summary: 'a new or empty folder', required: true, complete: 'paths' }],
  options: [collectionOption, jsonOption],
  examples: ['vecino export ./backup', 'vecino export ./backup --collection docs.vecino --json'],
  interruptible: true,
  async run({ words, flags, terminal, json, signal }: CommandInput<ExportFlags>) {
    const [{ withCollection }, { isAbort, printStopped }, { printJson }, { safeLine }, { plural }] = await Promise.all([
      import('../open-collection.ts'),
      import('../interruption.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
      import('../progress.ts'),
    ])
    const [folder = ''] = words
    try {
      const report = await withCollection(flags, (collection) => collection.export(folder, { signal }))
      if (json) printJson(report, terminal)
      else {
        const { sources, passages, vectors } = report
        const counts = `${plural(sources, 'source')}, ${plural(passages, 'passage')}, ${plural(vectors, 'vector')}`
        terminal.out(`${safeLine(report.folder)}: ${counts} in vectors.npy, passages.jsonl and passport.json\n`)
      }
      return undefined
    } catch (error) {
      if (!isAbort(error, signal)) throw error
      printStopped('nothing was written', 'Run the same command again to start over.', terminal, json)
      return exitStatus.interrupted
    }
  },
})
