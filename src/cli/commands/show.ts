import type { Collection, SourceView } from '../../spec/collection.ts'
import { NotFoundError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

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
    const found = await withCollection(flags, (collection) => find(collection, id))
    if (found === undefined) throw new NotFoundError('source', id, 'See which there are: vecino list.')
    const { source, passage } = found
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

/** A source by its id, or a passage by its own. */
async function find(
  collection: Collection,
  id: string,
): Promise<{ readonly source: SourceView; readonly passage: Place | undefined } | undefined> {
  const whole = await collection.get(id)
  if (whole !== undefined) return { source: whole, passage: undefined }
  const cut = id.lastIndexOf('#')
  const source = cut === -1 ? undefined : await collection.get(id.slice(0, cut))
  const passage = source?.passages.find((candidate) => candidate.id === id)
  return source === undefined || passage === undefined ? undefined : { source, passage }
}

function textOf(source: SourceView, { start, end }: Place): string {
  return source.text.slice(start, end)
}
