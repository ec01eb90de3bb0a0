import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { type CollectionFlag, collectionOption, modelOption } from '../flags.ts'

interface ImportFlags extends CollectionFlag, JsonFlag {
  readonly model?: string
}

export const command = defineCommand<ImportFlags>({
  name: 'import',
  summary: 'add what `vecino export` wrote; nothing is embedded again',
  arguments: [{ name: 'folder', summary: 'that `vecino export` wrote', required: true, complete: 'paths' }],
  options: [collectionOption, modelOption, jsonOption],
  examples: ['vecino import ./backup', 'vecino import ./backup --collection restored.vecino --json'],
  interruptible: true,
  async run({ words, flags, terminal, json, signal }: CommandInput<ImportFlags>) {
    const [{ withNewCollection }, { isAbort, printStopped }, { printJson }, { safeLine }, { plural, count }] =
      await Promise.all([
        import('../open-collection.ts'),
        import('../interruption.ts'),
        import('../print-json.ts'),
        import('../sanitize.ts'),
        import('../progress.ts'),
      ])
    const [folder = ''] = words
    try {
      const { report, status } = await withNewCollection(flags, async (collection) => ({
        report: await collection.import(folder, { signal }),
        status: await collection.status(),
      }))
      if (json) printJson({ ...report, collection: status.path, sources: status.sources }, terminal)
      else {
        const { added, changed, passages } = report
        terminal.out(`${plural(added, 'source')} added, ${count(changed)} replaced; ${plural(passages, 'passage')}\n`)
        terminal.note(`${safeLine(status.path)} now holds ${plural(status.sources, 'source')}.`)
      }
      return undefined
    } catch (error) {
      if (!isAbort(error, signal)) throw error
      printStopped(
        'what was imported so far is stored and safe',
        'Run the same command again to go on.',
        terminal,
        json,
      )
      return exitStatus.interrupted
    }
  },
})
