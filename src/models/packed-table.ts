import { CorruptDataError } from '../spec/errors.ts'
import { type PackedRows, packRows, unpackRows } from './packed-rows.ts'
import { Phrases } from './phrases.ts'
import type { Tensor } from './safetensors.ts'

/**
 * What a table has beside its tensor `embeddings`, in tensors that other tools leave alone: the last columns of the tokens'
 * rows, and whole rows of phrases, in four bits a value.
 */
export interface PackedTable {
  readonly rest: PackedRows
  readonly phraseRows: PackedRows
  readonly phrases: Phrases
}

const remedy = 'Take the folder from its source again.'
/** Ids of a phrase's tokens are kept in 16 bits. */
const mostTokens = 65536

/** @returns undefined when there is no tensor `phrases.tokens`. @throws {CorruptDataError} when sizes or ids do not fit. */
export function readPackedTable(
  tensors: ReadonlyMap<string, Tensor>,
  tokens: number,
  columns: number,
  place: string,
): PackedTable | undefined {
  const ids = tensors.get('phrases.tokens')
  if (ids === undefined) return undefined
  const fail = (what: string, expected: string, got: string) =>
    new CorruptDataError(`${place}, ${what}`, expected, got, { remedy })
  const [count = 0, two] = ids.shape
  if (ids.dtype !== 'U16' || two !== 2 || ids.shape.length !== 2)
    throw fail('phrases.tokens', 'U16 of shape phrases × 2', `${ids.dtype} of shape ${ids.shape.join(' × ')}`)
  const bytesOf = (name: string, shape: readonly number[]): Uint8Array => {
    const tensor = tensors.get(name)
    const got = tensor === undefined ? 'none' : `${tensor.dtype} of shape ${tensor.shape.join(' × ')}`
    if (tensor?.dtype !== 'U8' || tensor.shape.join() !== shape.join())
      throw fail(name, `U8 of shape ${shape.join(' × ')}`, got)
    return tensor.bytes
  }
  const read = (name: string, rows: number, width: number): PackedRows => ({
    codes: bytesOf(`${name}.codes`, [rows, width / 2]),
    scales: bytesOf(`${name}.scales`, [rows]),
    spreads: bytesOf(`${name}.spreads`, [width]),
  })
  const width = tensors.get('rest.spreads')?.shape[0] ?? 0
  if (width % 32 !== 0 || (columns + width) % 32 !== 0)
    throw fail('rest.spreads', 'a multiple of 32 columns, and with those of `embeddings` too', `${width}`)
  const pairs = new Uint16Array(Uint8Array.from(ids.bytes).buffer)
  let largest = tokens > mostTokens ? tokens : 0
  // A plain loop: this runs once and cold, where a callback's steps are calls.
  for (let i = 0; i < pairs.length; i++) if ((pairs[i] as number) > largest) largest = pairs[i] as number
  if (largest >= tokens) throw fail('phrases.tokens', `ids below ${Math.min(tokens, mostTokens)}`, `${largest}`)
  return {
    rest: read('rest', tokens, width),
    phraseRows: read('phrases', count, columns + width),
    phrases: new Phrases(pairs),
  }
}

/** Rows of tokens, then of phrases, all in int8. @param embeddings - The tokens' first columns. */
export function unpackTable(embeddings: Int8Array, tokens: number, { rest, phraseRows }: PackedTable): Int8Array {
  const dimensions = phraseRows.spreads.length
  const first = dimensions - rest.spreads.length
  const table = new Int8Array((tokens + phraseRows.scales.length) * dimensions)
  for (let row = 0; row < tokens; row++)
    table.set(embeddings.subarray(row * first, (row + 1) * first), row * dimensions)
  unpackRows(rest, table, first, dimensions)
  unpackRows(phraseRows, table, tokens * dimensions, dimensions)
  return table
}

/** The tensors of a table whose rows are those of tokens, then of phrases; `embeddings` gets the first half of the columns. */
export function packTable(table: Int8Array, dimensions: number, phrases: Phrases): Map<string, Tensor> {
  const tokens = table.length / dimensions - phrases.count
  const half = dimensions / 2
  const columnsOf = (from: number) =>
    Int8Array.from({ length: tokens * half }, (_, i) => table[Math.floor(i / half) * dimensions + from + (i % half)]!)
  const rest = packRows(columnsOf(half), half)
  const phraseRows = packRows(table.subarray(tokens * dimensions), dimensions)
  const u8 = (bytes: Uint8Array, ...shape: number[]): Tensor => ({ dtype: 'U8', shape, bytes })
  return new Map<string, Tensor>([
    ['embeddings', { dtype: 'I8', shape: [tokens, half], bytes: new Uint8Array(columnsOf(0).buffer) }],
    ['phrases.tokens', { dtype: 'U16', shape: [phrases.count, 2], bytes: new Uint8Array(phrases.pairs.buffer) }],
    ['rest.codes', u8(rest.codes, tokens, half / 2)],
    ['rest.scales', u8(rest.scales, tokens)],
    ['rest.spreads', u8(rest.spreads, half)],
    ['phrases.codes', u8(phraseRows.codes, phrases.count, half)],
    ['phrases.scales', u8(phraseRows.scales, phrases.count)],
    ['phrases.spreads', u8(phraseRows.spreads, dimensions)],
  ])
}
