import { InvalidArgumentError, NotFoundError } from '../../spec/errors.ts'
import { assertFilter, type Filter } from '../../spec/filter.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
import type {
  KeywordOptions,
  KeywordRanked,
  Ranked,
  RankOptions,
  SourceDigest,
  StoredPassage,
} from '../../spec/store.ts'
import type { Analyser } from './analyser.ts'
import { assertVectors } from './check-batch.ts'
import { type CollectionRow, readCollection } from './collection-row.ts'
import type { Connection, Row } from './connection.ts'
import { rankByWords } from './full-text.ts'
import {
  damagedSource,
  isSoundVector,
  type PassageRow,
  readPassage,
  readSource,
  type SourceRow,
  selectPassages,
  selectSources,
  selectVectors,
} from './rows.ts'
import { type CollectionTables, tablesOf } from './schema.ts'
import { Outdated, UnusableCodes } from './shard-search.ts'
import { SourceFilter } from './source-filter.ts'
import { SourceRows } from './source-rows.ts'
import { copyVector } from './vector-bytes.ts'
import { damagedVector } from './vector-index.ts'
import { openVectorSearch, type VectorSearch } from './vector-search.ts'
import { assertWords } from './word-sums.ts'

/** Rows read at a time where a caller may pause between two. */
const pageRows = 1000

/** The reading side of a store: every answer is of one state of the file, and every row of it is checked. */
export class CollectionReader {
  readonly connection: Connection
  readonly tables: CollectionTables
  readonly #id: number
  readonly #place: string
  /** Shared with the writer, so that what is checked is checked once. */
  readonly sourceRows: SourceRows
  readonly #filter: SourceFilter
  #search: VectorSearch | undefined
  /** Generation whose codes were found unusable; the next may have others. */
  #withoutCodes: number | undefined
  #areWordsChecked = false

  constructor(connection: Connection, id: number) {
    this.connection = connection
    this.tables = tablesOf(id)
    this.#id = id
    this.#place = connection.place
    this.sourceRows = new SourceRows(this.tables)
    this.#filter = new SourceFilter(this.tables, this.sourceRows)
  }

  row(): CollectionRow {
    return readCollection(this.connection, this.#id)
  }

  /** @throws {CorruptDataError} when a page of the sources was lost since the collection was last written. */
  *digests(): Generator<SourceDigest> {
    let after = -1
    let count = 0
    const before = this.row()
    for (;;) {
      const page = this.connection.all(
        `${selectSources(this.tables)} WHERE key>? ORDER BY key LIMIT ${pageRows}`,
        after,
      )
      for (const row of page) {
        const { key, id, digest, file } = readSource(row, this.#place)
        if (key <= after) throw damagedSource(this.#place, id, 'a row out of order')
        after = key
        count++
        yield { id, digest, file }
      }
      if (page.length === pageRows) continue
      if (count !== before.sources && this.row().generation === before.generation)
        throw damagedSource(this.#place, `${before.sources} in all`, `${count} rows`)
      return
    }
  }

  digestsOf(ids: readonly string[]): (SourceDigest | undefined)[] {
    return this.connection.snapshot(() =>
      ids.map((id) => {
        const row = this.#sourceRow(id)
        return row === undefined ? undefined : { id, digest: row.digest, file: row.file }
      }),
    )
  }

  sources(options: { offset: number; limit: number; filter?: Filter | undefined }) {
    const { offset, limit, filter } = options
    assertCount('options.offset', offset, 0)
    assertCount('options.limit', limit, 0)
    if (filter !== undefined) assertFilter(filter)
    return this.connection.snapshot(() => {
      const row = this.row()
      if (filter === undefined) this.sourceRows.assertWhole(this.connection, row)
      const { sql, values } = this.#filter.condition(this.connection, filter, row)
      const query = `${selectSources(this.tables)} WHERE ${sql} ORDER BY key LIMIT ? OFFSET ?`
      return this.connection.all(query, ...values, limit, offset).map((row) => {
        const { id, title, metadata, count } = readSource(row, this.#place)
        return { id, title, metadata, passages: count }
      })
    })
  }

  source(id: string) {
    return this.connection.snapshot(() => {
      const source = this.#sourceRow(id)
      if (source === undefined) return undefined
      const sql = `${selectPassages(this.tables)} WHERE key>=? AND key<? ORDER BY key`
      const rows = this.connection.all(sql, source.first, source.first + source.count)
      if (rows.length !== source.count)
        throw damagedSource(this.#place, id, `${rows.length} of its ${source.count} passages`)
      const passages = rows.map((row) =>
        toStored(
          readPassage(row, this.#place, () => id),
          source,
        ),
      )
      return { title: source.title, metadata: source.metadata, passages }
    })
  }

  passages(keys: Int32Array): StoredPassage[] {
    const sources = new Map<number, SourceRow>()
    return this.connection.snapshot(() =>
      Array.from(keys, (key) => {
        const row = this.connection.get(`${selectPassages(this.tables)} WHERE key=?`, key)
        if (row === undefined) throw this.#missing('passage', key)
        const passage = readPassage(row, this.#place, (source) => this.#sourceId(source))
        const source = sources.get(passage.source) ?? this.#sourceOf(passage)
        sources.set(passage.source, source)
        return toStored(passage, source)
      }),
    )
  }

  vectors(keys: Int32Array): Matrix {
    return this.connection.snapshot(() => {
      const { passport } = this.row()
      const matrix = createMatrix(keys.length, passport.dimensions, undefined, passport)
      for (const [i, key] of keys.entries()) {
        const row = this.connection.get(`${selectVectors(this.tables)} WHERE key=?`, key)
        if (row === undefined) throw this.#missing('vector of passage', key)
        const { key: stored, vector, crc } = row
        if (!isSoundVector(stored, vector, crc, passport.dimensions))
          throw damagedVector(this.connection, this.tables, key)
        copyVector(vector, matrix.data, i * matrix.columns)
      }
      return matrix
    })
  }

  keys(which: 'all' | 'embedded'): Int32Array {
    return this.connection.snapshot(() => {
      const { passages, embedded } = this.row()
      const isAll = which === 'all'
      const table = isAll ? this.tables.passages : this.tables.vectors
      const expected = isAll ? passages : embedded
      const keys = new Int32Array(expected)
      let count = 0
      let isAscending = true
      this.connection.each(`SELECT key FROM ${table} ORDER BY key`, [], ([key]) => {
        if (count > 0 && Number(key) <= (keys[count - 1] as number)) isAscending = false
        if (count < expected) keys[count] = Number(key)
        count++
      })
      // A damaged pointer may lead to one page twice and to another never, with as many rows.
      if (count !== expected || !isAscending)
        throw damagedSource(this.#place, 'unknown', `${count} of ${expected} ${table}`)
      return keys
    })
  }

  async nearest(queries: Matrix, { topK, filter }: RankOptions): Promise<Ranked[]> {
    assertCount('options.topK', topK, 1)
    if (filter !== undefined) assertFilter(filter)
    for (;;) {
      const { search, selection } = this.connection.snapshot(() => {
        const row = this.row()
        assertVectors(queries, row.passport, `${this.#place}, queries`)
        const selection = filter === undefined ? undefined : this.#filter.select(this.connection, filter, row)
        return { search: this.#searchOf(row), selection }
      })
      try {
        return await search.nearest(queries, topK, selection)
      } catch (error) {
        if (error instanceof UnusableCodes) this.#withoutCodes = search.generation
        else if (!(error instanceof Outdated)) throw error
        if (this.#search === search) this.#forgetSearch()
      }
    }
  }

  /** Whether a search has met codes it could not use. */
  get knowsDamagedCodes(): boolean {
    return this.#withoutCodes !== undefined
  }

  /** Codes were made anew: use them again. */
  trustCodes(): void {
    if (this.#withoutCodes === undefined) return
    this.#withoutCodes = undefined
    this.#forgetSearch()
  }

  #searchOf(row: CollectionRow): VectorSearch {
    if (this.#search?.generation === row.generation) return this.#search
    // Let go of the old one first, or both would be in memory at once.
    this.#forgetSearch()
    this.#search = openVectorSearch(this.connection, this.tables, row, {
      isCurrent: () => this.row().generation === row.generation,
      withCodes: this.#withoutCodes !== row.generation,
    })
    return this.#search
  }

  #forgetSearch(): void {
    this.#search?.close()
    this.#search = undefined
  }

  close(): void {
    this.#forgetSearch()
    this.connection.close()
  }

  keyword(query: string, { topK, filter, also }: KeywordOptions, analyser: Analyser): KeywordRanked {
    assertCount('options.topK', topK, 1)
    if (filter !== undefined) assertFilter(filter)
    const terms = analyser.queryTerms(query)
    return this.connection.snapshot(() => {
      const row = this.row()
      if (!this.#areWordsChecked) assertWords(this.connection, this.tables)
      this.#areWordsChecked = true
      const selection = filter === undefined ? undefined : this.#filter.select(this.connection, filter, row)
      return rankByWords(this.connection, this.tables, terms, {
        topK,
        passages: row.passages,
        accepts: selection === undefined ? undefined : (key) => selection.has(key),
        also: also ?? new Int32Array(),
      })
    })
  }

  #sourceRow(id: string): SourceRow | undefined {
    return this.sourceRows.find(this.connection, id, () => this.row())
  }

  #sourceOf(passage: PassageRow): SourceRow {
    const row = this.connection.get(`${selectSources(this.tables)} WHERE key=?`, passage.source)
    const source = row === undefined ? undefined : readSource(row, this.#place)
    if (source === undefined || source.first + passage.ordinal !== passage.key || passage.ordinal >= source.count)
      throw damagedSource(this.#place, source?.id ?? 'unknown', `passage ${passage.key}, which is not one of its own`)
    return source
  }

  #sourceId(source: number): string {
    return String(this.connection.get(`SELECT id FROM ${this.tables.sources} WHERE key=?`, source)?.['id'] ?? 'unknown')
  }

  /** Removed since the key was given, unless a source still claims it. */
  #missing(what: string, key: number): Error {
    const claim: Row | undefined = this.connection.get(
      `${selectSources(this.tables)} WHERE first<=? AND first+count>?`,
      key,
      key,
    )
    if (claim === undefined)
      return new NotFoundError(`${this.#place}, ${what}`, String(key), 'It was removed: search again.')
    const passage = this.connection.get(`${selectPassages(this.tables)} WHERE key=?`, key)
    if (passage !== undefined && readPassage(passage, this.#place, () => String(claim['id'])).hasVector === false)
      return new NotFoundError(`${this.#place}, ${what}`, String(key), 'The model knows no token of this passage.')
    return damagedSource(this.#place, String(claim['id']), `no ${what} ${key}`)
  }
}

function toStored(passage: PassageRow, source: SourceRow): StoredPassage {
  const { source: _, ...rest } = passage
  return { ...rest, siblings: source.count, source: source.id, title: source.title, metadata: source.metadata }
}

function assertCount(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(name, `an integer ≥ ${least}`, value)
}
