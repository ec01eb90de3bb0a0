import type { SourceDocument } from '../../spec/collection.ts'
import { UnreadableInputError } from '../../spec/errors.ts'
import { inferFields } from '../infer-fields.ts'
import { arrayElementOffsets } from '../json-offsets.ts'
import { countAtMost, countLineBreaks } from '../line-index.ts'
import type { ReadSource } from '../read-source.ts'
import { type Row, rowDocuments } from '../row-documents.ts'
import { readCode } from './code.ts'
import { asRow } from './jsonl.ts'

/** Texts in a list within an object are labels, such as keywords, where they are shorter than this on average. */
const labelCharacters = 24

/**
 * A JSON file: an array of objects or texts, or an object with one such array, is a table with one document a row. An
 * object with a text of its own is one document. Anything else (settings, say) is one document as it stands.
 *
 * @throws {UnreadableInputError} naming the line at which the file stops being JSON.
 */
export async function* readJson(text: string, source: ReadSource): AsyncGenerator<SourceDocument> {
  const value = parse(text, source.path)
  const asked = source.textFields !== undefined && source.textFields.length > 0
  const table = tableIn(value, asked)
  if (table !== undefined) yield* rowDocuments(rowsOf(text, table, source.path), source)
  else if (isTextObject(value)) yield* rowDocuments([{ line: 1, value }], source)
  else yield* readCode(text, source, 'json')
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const position = /position (\d+)/.exec((cause as Error).message)?.[1]
    const at = position === undefined ? text.trimEnd().length : Number(position)
    throw new UnreadableInputError(
      path,
      'JSON',
      at >= text.trimEnd().length ? 'an end too soon' : 'text that is none',
      {
        line: 1 + countLineBreaks(text, at),
        cause,
      },
    )
  }
}

interface Table {
  /** Key of the array in the object that holds it. */
  readonly key: string | undefined
  readonly values: readonly unknown[]
}

function tableIn(value: unknown, isAsked: boolean): Table | undefined {
  if (Array.isArray(value)) return isTable(value, isAsked, 0) ? { key: undefined, values: value } : undefined
  if (!isObject(value) || isTextObject(value)) return undefined
  const arrays = Object.entries(value).filter(
    ([, inner]) => Array.isArray(inner) && isTable(inner, isAsked, labelCharacters),
  )
  const [only] = arrays
  return arrays.length === 1 && only !== undefined ? { key: only[0], values: only[1] as unknown[] } : undefined
}

/** Rows of prose, so that a list of settings is none. */
function isTable(values: readonly unknown[], isAsked: boolean, minCharacters: number): boolean {
  if (values.length === 0) return false
  if (values.every((value) => typeof value === 'string'))
    return values.some((value) => /\s/.test(value)) && values.join('').length >= minCharacters * values.length
  return values.every(isObject) && (isAsked || inferFields(values) !== undefined)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextObject(value: unknown): value is Record<string, unknown> {
  return (
    isObject(value) &&
    ['text', 'content', 'body'].some((key) => Object.hasOwn(value, key) && typeof value[key] === 'string')
  )
}

function* rowsOf(text: string, { key, values }: Table, path: string): Generator<Row> {
  const offsets = arrayElementOffsets(text, key)
  const breaks: number[] = []
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) breaks.push(at)
  let previous = 0
  let column = 0
  for (const [i, value] of values.entries()) {
    const line = 1 + countAtMost(breaks, offsets[i] as number)
    // Several rows on one line would have one id: the later ones are counted.
    column = line === previous ? column + 1 : 0
    previous = line
    yield { line, value: asRow(value, path, line), ...(column === 0 ? {} : { within: column + 1 }) }
  }
}
