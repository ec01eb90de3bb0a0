/** Fields of a table's rows by their job. */
export interface RowFields {
  /** Joined by an empty line where there are several. */
  readonly text: readonly string[]
  readonly title: string | undefined
}

/** What people call the field that holds the text, the surest first. */
const textNames = [
  'text',
  'content',
  'contents',
  'body',
  'passage',
  'document',
  'article',
  'sentence',
  'abstract',
  'message',
  'comment',
  'review',
  'post',
  'transcript',
  'description',
  'summary',
  'quote',
  'prompt',
  'response',
]
const titleNames = ['title', 'headline', 'heading', 'subject', 'name']
const maxCells = 100

/**
 * Which fields hold text, from the first rows: question with answer, else the field best known by name, else the fields
 * of long texts.
 *
 * @param rows - Fields of each row that are strings; other values do not count.
 * @returns `undefined` where no field holds more than labels.
 */
export function inferFields(rows: readonly Readonly<Record<string, unknown>>[]): RowFields | undefined {
  const cells = new Map<string, string[]>()
  for (const row of rows.slice(0, maxCells))
    for (const [name, value] of Object.entries(row))
      if (typeof value === 'string' && value.trim() !== '') cells.set(name, [...(cells.get(name) ?? []), value])
  const names = [...cells.keys()]
  const called = (wanted: string) => names.find((name) => name.trim().toLowerCase() === wanted)
  const text = textFields(names, cells, called)
  if (text === undefined) return undefined
  const title = titleNames.map(called).find((name) => name !== undefined && !text.includes(name))
  return { text, title }
}

function textFields(
  names: readonly string[],
  cells: ReadonlyMap<string, readonly string[]>,
  called: (wanted: string) => string | undefined,
): string[] | undefined {
  const question = called('question')
  const answer = called('answer')
  if (question !== undefined && answer !== undefined) return [question, answer]
  const known = textNames.map(called).find((name) => name !== undefined)
  if (known !== undefined) return [known]
  const lengths = new Map(
    names.filter((name) => isProse(cells.get(name) ?? [])).map((name) => [name, mean(cells.get(name) ?? [])]),
  )
  const longest = Math.max(0, ...lengths.values())
  const long = [...lengths].filter(([, length]) => length >= Math.max(24, longest / 2)).map(([name]) => name)
  if (long.length > 0) return long
  const fallback = [...lengths].find(([, length]) => length === longest)
  return fallback === undefined ? undefined : [fallback[0]]
}

/** Most cells are neither links nor single ASCII words, which are names and labels. */
function isProse(cells: readonly string[]): boolean {
  const labels = cells.filter((cell) => /^[\x21-\x7e]*$/.test(cell.trim())).length
  return labels * 2 <= cells.length
}

function mean(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, cells.length)
}
