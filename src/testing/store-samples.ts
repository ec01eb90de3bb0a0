import { createMatrix, type Matrix } from '../spec/matrix.ts'
import type { Passport } from '../spec/passport.ts'
import type { KeptPassage, StoredSource, WriteBatch } from '../spec/store.ts'

/** A passport for tests, with few dimensions unless asked otherwise. */
export function samplePassport(changes: Partial<Passport> = {}): Passport {
  return {
    provider: 'test',
    model: 'sample',
    weightsDigest: 'w',
    tokenizerDigest: 't',
    dimensions: 4,
    pooling: 'mean',
    queryPrompt: '',
    documentPrompt: '',
    normalized: false,
    maxTokens: null,
    dtype: 'float32',
    ...changes,
  }
}

/** A passport that differs from `passport` in one field. */
export function otherPassport(passport: Passport, field: keyof Passport): Passport {
  const others: Passport = {
    provider: 'other',
    model: 'other',
    weightsDigest: 'other',
    tokenizerDigest: 'other',
    dimensions: passport.dimensions + 1,
    pooling: 'max',
    queryPrompt: 'query: ',
    documentPrompt: 'passage: ',
    normalized: !passport.normalized,
    maxTokens: 17,
    dtype: 'int8',
  }
  return { ...passport, [field]: others[field] }
}

/** A source whose passages are the given texts, one after the other; every text has a vector unless it is empty. */
export function sampleSource(id: string, texts: readonly string[], changes: Partial<StoredSource> = {}): StoredSource {
  let start = 0
  const passages = texts.map((text): KeptPassage => {
    const passage = { start, end: start + text.length, line: 1, headings: [], tokens: text.length, text }
    start += text.length
    return { ...passage, hasVector: text !== '' }
  })
  const { title, metadata = {}, file } = changes
  return { id, kind: 'record', digest: `digest of ${id}`, passages, ...changes, title, metadata, file }
}

/** Rows of numbers in [−1, 1), the same for the same seed. */
export function sampleVectors(rows: number, passport: Passport, seed = 1): Matrix {
  const matrix = createMatrix(rows, passport.dimensions, undefined, passport)
  let state = (seed * 2654435761) >>> 0 || 1
  for (let i = 0; i < matrix.data.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    matrix.data[i] = (state >>> 0) / 2 ** 31 - 1
  }
  return matrix
}

/** A batch that puts the sources with sample vectors. */
export function sampleBatch(put: readonly StoredSource[], passport: Passport, seed = 1): WriteBatch {
  const rows = put.flatMap((source) => source.passages).filter((passage) => passage.hasVector).length
  return { put, vectors: sampleVectors(rows, passport, seed), remove: [] }
}

/** A batch that removes. */
export function removal(ids: readonly string[], passport: Passport): WriteBatch {
  return { put: [], vectors: createMatrix(0, passport.dimensions, undefined, passport), remove: ids }
}
