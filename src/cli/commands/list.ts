import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import {
  type CollectionFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
} from '../flags.ts'

interface ListFlags extends CollectionFlag, FilterFlags, JsonFlag {
  readonly offset?: number
  readonly limit?: number
}

const defaultLimit = 100
const widestName = 48

export const command = defineCommand<ListFlags>({
  name: 'list',
  summary: 'sources of the collection, in the order added',
  arguments: [],
  options: [
    { flags: '--limit <n>', summary: 'sources a page', parse: integerFlag(1), fallback: String(defaultLimit) },
    { flags: '--offset <n>', summary: 'sources to pass over first', parse: integerFlag(0), fallback: '0' },
    ...filterOptions,
    collectionOption,
    jsonOption,
  ],
  examples: ['vecino list', 'vecino list --where lang=en --limit 20 --json'],
  async run({ flags, terminal, json }: CommandInput<ListFlags>) {
    const [{ withCollection }, { printJson }, { safeLine }, { fitToWidth, padToWidth, displayWidth }, { plural }] =
      await Promise.all([
        import('../open-collection.ts'),
        import('../print-json.ts'),
        import('../sanitize.ts'),
        import('../text-width.ts'),
        import('../progress.ts'),
      ])
    const { offset = 0, limit = defaultLimit } = flags
    const filter = filterOf(flags)
    const { sources, total, reason } = await withCollection(flags, async (collection) => {
      const sources = await collection.list({ offset, limit, filter })
      const { sources: total } = await collection.status()
      if (sources.length > 0 || filter === undefined) return { sources, total, reason: undefined }
      const { unlikeBounds } = await import('../unlike-bounds.ts')
      return { sources, total, reason: await unlikeBounds(collection, filter) }
    })
    if (json) {
      printJson({ offset, total, sources }, terminal)
      return undefined
    }
    const names = sources.map(({ id }) => safeLine(id))
    const nameWidth = Math.min(widestName, Math.max(0, ...names.map(displayWidth)))
    for (const [i, source] of sources.entries()) {
      const name = padToWidth(names[i] as string, nameWidth)
      const title = safeLine(source.title ?? '')
      const room = terminal.columns - 9 - displayWidth(name)
      const fitted = terminal.isTerminal ? (room < 10 ? '' : fitToWidth(title, room)) : title
      const passages = terminal.paint('dim', String(source.passages).padStart(5))
      terminal.out(`${`${passages}  ${terminal.paint('cyan', name)}  ${fitted}`.trimEnd()}\n`)
    }
    const shown = filter === undefined ? `of ${plural(total, 'source')}` : `that match, of ${plural(total, 'source')}`
    const more = sources.length === limit ? ` More: --offset ${offset + limit}` : ''
    terminal.note(`${sources.length} ${shown}, with the number of their passages.${more}`)
    if (reason !== undefined) terminal.note(reason)
    return undefined
  },
})
