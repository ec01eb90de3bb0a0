import { createHash } from 'node:crypto'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { matchesFilter } from '../spec/filter.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import { assertSamePassport, type Passport } from '../spec/passport.ts'
import type { ReadFile, Store, StoredPassage, StoredSource, WriteBatch } from '../spec/store.ts'

export interface FakeStoreOptions {
  readonly passport: Passport
  /** Called before each write; what it throws, the write throws, and nothing is written. */
  readonly beforeWrite?: (batch: WriteBatch) => void | Promise<void>
}

interface Row {
  readonly source: StoredSource
  readonly passage: StoredPassage
  readonly vector: Float32Array | undefined
  readonly words: readonly string[]
}

const k1 = 1.2
const b = 0.75

/**
 * A store in plain maps and arrays, for tests: slow, forgetful, and simple enough to be right by reading.
 * Words are runs of letters and digits in lower case; a query matches a passage that has any of its words.
 */
export function fakeStore({ passport, beforeWrite }: FakeStoreOptions): Store {
  const sources = new Map<string, StoredSource>()
  const files = new Map<string, ReadFile>()
  const settings = new Map<string, string>()
  const kept = new Map<string, Float32Array>()
  let rows = new Map<number, Row>()
  let generation = 0
  let nextKey = 1

  const rowOfKey = (key: number): Row => {
    const row = rows.get(key)
    if (row === undefined) throw new NotFoundError('passage', String(key))
    return row
  }
  const drop = (id: string) => {
    if (!sources.delete(id)) return
    rows = new Map([...rows].filter(([, row]) => row.source.id !== id))
  }
  const rank = (scores: Map<number, number>, topK: number) => {
    const best = [...scores].sort(([keyA, a], [keyB, b]) => b - a || keyA - keyB).slice(0, topK)
    return { keys: Int32Array.from(best, ([key]) => key), scores: Float64Array.from(best, ([, score]) => score) }
  }
  const bm25 = (query: string): { scores: Map<number, number>; best: number } => {
    const all = [...rows.values()]
    const averageLength = all.reduce((sum, row) => sum + row.words.length, 0) / Math.max(1, all.length)
    const scores = new Map<number, number>()
    let best = 0
    for (const word of new Set(wordsOf(query))) {
      const having = all.filter((row) => row.words.includes(word))
      const idf = Math.log(1 + (all.length - having.length + 0.5) / (having.length + 0.5))
      best += idf * (k1 + 1)
      for (const { passage, words } of having) {
        const count = words.filter((other) => other === word).length
        const part = (count * (k1 + 1)) / (count + k1 * (1 - b + (b * words.length) / averageLength))
        scores.set(passage.key, (scores.get(passage.key) ?? 0) + idf * part)
      }
    }
    return { scores, best }
  }

  return {
    kind: 'fake',
    place: 'memory',
    passport,
    get generation() {
      return generation
    },
    async write(batch) {
      await beforeWrite?.(batch)
      if (batch.vectors.passport !== undefined) assertSamePassport(passport, batch.vectors.passport, 'write')
      const withVector = batch.put.flatMap((source) => source.passages).filter((passage) => passage.hasVector).length
      if (withVector !== batch.vectors.rows)
        throw new InvalidArgumentError('batch.vectors', `${withVector} rows`, batch.vectors.rows)
      for (const id of batch.remove) drop(id)
      let vector = 0
      for (const source of batch.put) {
        drop(source.id)
        sources.set(source.id, source)
        for (const [ordinal, passage] of source.passages.entries()) {
          const key = nextKey++
          const { id, title, metadata } = source
          const siblings = source.passages.length
          rows.set(key, {
            source,
            passage: { ...passage, key, ordinal, siblings, source: id, title, metadata },
            vector: passage.hasVector ? rowOf(batch.vectors, vector++).slice() : undefined,
            words: wordsOf(passage.text),
          })
        }
      }
      for (const path of batch.forgetFiles ?? []) files.delete(path)
      for (const file of batch.files ?? []) files.set(file.path, file)
      generation++
    },
    asWriter: (work) => work(),
    counts: async () => ({
      sources: sources.size,
      passages: rows.size,
      tokens: [...rows.values()].reduce((sum, row) => sum + row.passage.tokens, 0),
    }),
    info: async () => ({ name: 'fake', formatVersion: 1, sizeBytes: 0, index: 'absent' }),
    async *digests() {
      yield* [...sources.values()].map(({ id, digest, file }) => ({ id, digest, file }))
    },
    digestsOf: async (ids) =>
      ids.map((id) => {
        const source = sources.get(id)
        return source === undefined ? undefined : { id, digest: source.digest, file: source.file }
      }),
    async *files() {
      yield* [...files.values()]
    },
    fields: async () => [...new Set([...sources.values()].flatMap(({ metadata }) => Object.keys(metadata)))].sort(),
    sources: async ({ offset, limit, filter }) =>
      [...sources.values()]
        .filter(({ id, metadata }) => filter === undefined || matchesFilter(filter, id, metadata))
        .slice(offset, offset + limit)
        .map(({ id, title, metadata, passages }) => ({ id, title, metadata, passages: passages.length })),
    async source(id) {
      const found = sources.get(id)
      if (found === undefined) return undefined
      const passages = [...rows.values()].filter((row) => row.source.id === id).map((row) => row.passage)
      return { title: found.title, metadata: found.metadata, passages }
    },
    passages: async (keys) => Array.from(keys, (key) => rowOfKey(key).passage),
    async vectors(keys) {
      const matrix = createMatrix(keys.length, passport.dimensions, undefined, passport)
      for (const [i, key] of keys.entries()) {
        const { vector } = rowOfKey(key)
        if (vector === undefined) throw new NotFoundError('vector of passage', String(key))
        matrix.data.set(vector, i * matrix.columns)
      }
      return matrix
    },
    keys: async (which = 'all') =>
      Int32Array.from([...rows].filter(([, row]) => which === 'all' || row.vector !== undefined).map(([key]) => key)),
    nearest: async (queries: Matrix, { topK, filter }) =>
      Array.from({ length: queries.rows }, (_, i) => {
        const query = rowOf(queries, i)
        const scores = new Map<number, number>()
        for (const [key, { source, vector }] of rows)
          if (vector !== undefined && (filter === undefined || matchesFilter(filter, source.id, source.metadata)))
            scores.set(
              key,
              vector.reduce((sum, value, column) => sum + value * (query[column] as number), 0),
            )
        return rank(scores, topK)
      }),
    async keyword(query, { topK, filter, also }) {
      const { scores, best } = bm25(query)
      const allowed = [...scores].filter(([key]) => {
        const { source } = rowOfKey(key)
        return filter === undefined || matchesFilter(filter, source.id, source.metadata)
      })
      return {
        ...rank(new Map(allowed), topK),
        best,
        also: Float64Array.from(also ?? [], (key) => scores.get(key) ?? 0),
      }
    },
    matches: async (query, texts) => {
      const wanted = new Set(wordsOf(query))
      return texts.map((text) => {
        const found = [...text.matchAll(/[\p{L}\p{N}]+/gu)].filter(([word]) => wanted.has(word.toLowerCase()))
        return {
          spans: found.map((match) => ({ start: match.index, end: match.index + match[0].length })),
          words: [...new Set(found.map(([word]) => word.toLowerCase()))],
        }
      })
    },
    cached: async (print, task, digests) => digests.map((digest) => kept.get(cacheKey(print, task, digest))),
    cache: async (print, task, digests, vectors) => {
      for (const [i, digest] of digests.entries()) kept.set(cacheKey(print, task, digest), rowOf(vectors, i).slice())
    },
    setting: async (name) => {
      const value = settings.get(name)
      return value === undefined ? undefined : JSON.parse(value)
    },
    setSetting: async (name, value) => {
      settings.set(name, JSON.stringify(value))
    },
    verify: async () => [],
    close: async () => {},
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function cacheKey(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
