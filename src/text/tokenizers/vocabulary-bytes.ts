import { CorruptDataError } from '../../spec/errors.ts'

const quote = 0x22
const backslash = 0x5c
const maxId = 0xffffff

/**
 * Tokens and ids as flat arrays: what a kernel looks pieces up in, and a fifth of the time that 30,000 properties take.
 * Token i is `bytes[starts[i] … starts[i + 1] − 1)` in UTF-8; a newline stands after each.
 */
export class VocabularyBytes {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ids: Int32Array
  readonly count: number
  /** One more than the largest id. */
  readonly size: number
  private map: Map<string, number> | undefined

  /** @throws {CorruptDataError} when an id stands twice. */
  constructor(bytes: Uint8Array, starts: Int32Array, ids: Int32Array, place: string) {
    this.bytes = bytes
    this.starts = starts
    this.ids = ids
    this.count = ids.length
    // Plain loops: these run once and cold, where an iterator's steps are calls.
    let size = 0
    for (let i = 0; i < ids.length; i++) if ((ids[i] as number) >= size) size = (ids[i] as number) + 1
    this.size = size
    const seen = new Uint8Array(size)
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      if (seen[id] === 1) throw new CorruptDataError(place, 'every id once', `id ${id} twice`, remedy)
      seen[id] = 1
    }
  }

  /** Token by token, in the file's order. */
  tokens(): string[] {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    return Array.from(this.ids, (_, i) =>
      decoder.decode(this.bytes.subarray(this.starts[i], (this.starts[i + 1] as number) - 1)),
    )
  }

  /** Id of one token without building the map of all. */
  find(token: string): number | undefined {
    const wanted = new TextEncoder().encode(token)
    for (let i = 0; i < this.count; i++) {
      const start = this.starts[i] as number
      if ((this.starts[i + 1] as number) - start - 1 !== wanted.length) continue
      let same = 0
      while (same < wanted.length && this.bytes[start + same] === wanted[same]) same++
      if (same === wanted.length) return this.ids[i]
    }
    return undefined
  }

  idOf(token: string): number | undefined {
    this.map ??= new Map(this.tokens().map((text, i) => [text, this.ids[i] as number]))
    return this.map.get(token)
  }
}

/** From an object that JSON.parse made. @throws {CorruptDataError} when an id is no small integer. */
export function vocabularyOf(record: Readonly<Record<string, unknown>>, place: string): VocabularyBytes {
  const tokens = Object.keys(record)
  const parts = tokens.map((token) => new TextEncoder().encode(token))
  const starts = new Int32Array(tokens.length + 1)
  parts.forEach((part, i) => {
    starts[i + 1] = (starts[i] as number) + part.length + 1
  })
  const bytes = new Uint8Array(starts[tokens.length] as number).fill(10)
  parts.forEach((part, i) => {
    bytes.set(part, starts[i])
  })
  const ids = Int32Array.from(tokens, (token) => {
    const id = record[token]
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > maxId)
      throw new CorruptDataError(place, `ids to be integers from 0 to ${maxId}`, 'another id', remedy)
    return id
  })
  return new VocabularyBytes(bytes, starts, ids, place)
}

/** See `scanVocabulary`. */
export type VocabularyScan = (
  json: Uint8Array,
  at: number,
  place: string,
) => { vocabulary: VocabularyBytes; end: number } | undefined

/**
 * Read an object of token to id straight from a file's bytes.
 *
 * @param at - Offset of its `{`.
 * @returns the vocabulary and the offset after its `}`; undefined when anything is unusual: JSON.parse then has the word.
 */
export function scanVocabulary(
  json: Uint8Array,
  at: number,
  place: string,
): { vocabulary: VocabularyBytes; end: number } | undefined {
  const bytes = new Uint8Array(json.length - at)
  let starts = new Int32Array(1 << 15)
  let ids = new Int32Array(1 << 15)
  let count = 0
  let to = 0
  let from = at + 1
  for (;;) {
    while ((json[from] as number) <= 0x20) from++
    if (json[from] !== quote) return undefined
    for (from++; json[from] !== quote; ) {
      if (from >= json.length) return undefined
      if (json[from] !== backslash) bytes[to++] = json[from++] as number
      else {
        const simple = escapes.get(json[from + 1] as number)
        if (simple === undefined) return undefined
        bytes[to++] = simple
        from += 2
      }
    }
    bytes[to++] = 10
    for (from++; (json[from] as number) <= 0x20; ) from++
    if (json[from++] !== 0x3a) return undefined
    while ((json[from] as number) <= 0x20) from++
    let id = 0
    const digits = from
    for (let digit = (json[from] as number) - 48; digit >= 0 && digit <= 9; digit = (json[from] as number) - 48) {
      id = id * 10 + digit
      from++
    }
    if (from === digits || id > maxId) return undefined
    if (count + 1 === ids.length) {
      starts = grown(starts)
      ids = grown(ids)
    }
    ids[count++] = id
    starts[count] = to
    while ((json[from] as number) <= 0x20) from++
    const next = json[from++]
    if (next === 0x7d) break
    if (next !== 0x2c) return undefined
  }
  const vocabulary = new VocabularyBytes(
    bytes.subarray(0, to),
    starts.subarray(0, count + 1),
    ids.subarray(0, count),
    place,
  )
  return { vocabulary, end: from }
}

/** Escapes that stand for one byte; `\u…` is left to JSON.parse. */
const escapes = new Map([
  [quote, quote],
  [backslash, backslash],
  [0x2f, 0x2f],
  [0x74, 9],
  [0x6e, 10],
  [0x72, 13],
])

function grown(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2)
  larger.set(values)
  return larger
}

const remedy = { remedy: 'Take the file from its source again.' }
