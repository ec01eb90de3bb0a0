import type { Collection, SourceView } from '../../spec/collection.ts'
import { NotFoundError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

const listedAtOnce = 10_000

type ShowFlags = CollectionFlag & JsonFlag

export const command = defineCommand<ShowFlags>({
  name: 'show',
  summary: 'a source: its text, its metadata and its passages',
  arguments: [{ name: 'id', summary: 'of a source (returns.md) or a passage (returns.md#2)', required: true }],
  options: [collectionOption, jsonOption],
  examples: ['vecino show returns.md', 'vecino show returns.md --json'],
  async run({ words, flags, terminal, json }: CommandInput<ShowFlags>) {
    const [{ withCollection }, { printJson }, { safeLine, safeText }, { plural }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
      import('../progress.ts'),
    ])
    const [id = ''] = words
    const { source, passage } = await withCollection(flags, (collection) => find(collection, id))
    if (json) {
      printJson(passage === undefined ? source : { ...passage, text: textOf(source, passage) }, terminal)
      return undefined
    }
    if (passage !== undefined) {
      terminal.out(
        `${terminal.paint('cyan', safeLine(id))}  line ${passage.line}\n\n${safeText(textOf(source, passage)).trim()}\n`,
      )
      return undefined
    }
    const title = source.title === undefined ? '' : `  ${safeLine(source.title)}`
    terminal.out(`${terminal.paint('cyan', safeLine(source.id))}${title}\n`)
    for (const [key, value] of Object.entries(source.metadata))
      terminal.out(`${terminal.paint('dim', `${safeLine(key)}: ${safeLine(JSON.stringify(value))}`)}\n`)
    terminal.out(`\n${safeText(source.text).trimEnd()}\n\n`)
    terminal.out(terminal.paint('dim', `${plural(source.passages.length, 'passage')}\n`))
    for (const { id: passage, line, start, end, tokens, headings } of source.passages) {
      const path = headings.length === 0 ? '' : `  ${headings.map(safeLine).join(' › ')}`
      terminal.out(
        terminal.paint(
          'dim',
          `  ${safeLine(passage)}  line ${line}, ${start}–${end}, ${plural(tokens, 'token')}${path}\n`,
        ),
      )
    }
    return undefined
  },
})

type Place = SourceView['passages'][number]

/**
 * A source by its id, or a passage by its own.
 *
 * @throws {NotFoundError} naming the nearest id.
 */
async function find(
  collection: Collection,
  id: string,
): Promise<{ readonly source: SourceView; readonly passage: Place | undefined }> {
  const whole = await collection.get(id)
  if (whole !== undefined) return { source: whole, passage: undefined }
  const cut = id.lastIndexOf('#')
  const source = cut === -1 ? undefined : await collection.get(id.slice(0, cut))
  const passage = source?.passages.find((candidate) => candidate.id === id)
  if (source !== undefined && passage !== undefined) return { source, passage }
  const { didYouMean, nearId } = await import('../../core/near-id.ts')
  const near = await nearId(id, allSources(collection))
  throw new NotFoundError('source or passage', id, `${didYouMean(near)}See which there are: vecino list.`)
}

async function* allSources(collection: Collection): AsyncGenerator<{ readonly id: string }> {
  for (let offset = 0; ; offset += listedAtOnce) {
    const page = await collection.list({ offset, limit: listedAtOnce })
    yield* page
    if (page.length < listedAtOnce) return
  }
}

function textOf(source: SourceView, { start, end }: Place): string {
  return source.text.slice(start, end)
}
