import { existsSync, statSync } from 'node:fs'
import { CorruptDataError, InvalidArgumentError, VecinoError } from '../../spec/errors.ts'
import type { Matrix } from '../../spec/matrix.ts'
import type { Passport } from '../../spec/passport.ts'
import type {
  KeywordOptions,
  RankOptions,
  ReadFile,
  Store,
  StoreInfo,
  StoreReading,
  WriteBatch,
} from '../../spec/store.ts'
import { Analyser } from './analyser.ts'
import { assertBatch, assertVectors } from './check-batch.ts'
import { codeVectors } from './code-vectors.ts'
import { readShards } from './coded-shards.ts'
import { CollectionReader } from './collection-reader.ts'
import { assertCount, type CollectionRow } from './collection-row.ts'
import { CollectionWriter } from './collection-writer.ts'
import type { Connection } from './connection.ts'
import { fieldNames } from './fields.ts'
import { memoryPath, openForReading } from './open-file.ts'
import { codedFrom } from './row-search.ts'
import { readFile, selectFiles } from './rows.ts'
import { formatVersion } from './schema.ts'
import { readSetting, writeSetting } from './settings.ts'
import { readCached, writeCached } from './vector-cache.ts'
import { verifyCollection } from './verify.ts'
import { applyBatch } from './write-batch.ts'
import type { WriterLock } from './writer-lock.ts'

export interface SqliteStoreParts {
  readonly path: string
  readonly row: CollectionRow
  readonly reader: Connection
  readonly lock: WriterLock | undefined
  readonly readOnly: boolean
}

/** Stores of this process by file, because a copy of an open file would drop its locks. */
const openStores = new Map<string, number>()

export function isOpenHere(path: string): boolean {
  return (openStores.get(path) ?? 0) > 0
}

/** One named collection of a SQLite file. Made by `openSqliteStore`. */
export class SqliteStore implements Store {
  readonly kind = 'sqlite'
  readonly place: string
  readonly passport: Passport
  readonly #row: CollectionRow
  readonly #readOnly: boolean
  readonly #reader: CollectionReader
  readonly #writer: CollectionWriter
  readonly #analyser = new Analyser()
  #generation: number
  /** Ends of `asWriter` code one after the other: they would code the same vectors. */
  #coding: Promise<void> = Promise.resolve()
  #isOpen = true

  constructor({ path, row, reader, lock, readOnly }: SqliteStoreParts) {
    this.place = path
    this.passport = row.passport
    this.#row = row
    this.#readOnly = readOnly
    this.#generation = row.generation
    this.#reader = new CollectionReader(reader, row.id)
    openStores.set(path, (openStores.get(path) ?? 0) + 1)
    this.#writer = new CollectionWriter({ path, lock, readOnly, connection: lock === undefined ? reader : undefined })
  }

  get generation(): number {
    if (this.#isOpen) this.#generation = this.#reader.row().generation
    return this.#generation
  }

  async write(batch: WriteBatch): Promise<void> {
    this.#opened()
    assertBatch(batch, this.passport, this.place)
    const isRemoval = batch.put.length === 0 && (batch.files?.length ?? 0) === 0
    await this.#writer.write(
      (connection) => applyBatch(connection, this.#reader.tables, this.#row.id, batch, this.#reader.sourceRows),
      isRemoval,
    )
  }

  async asWriter<T>(work: () => Promise<T>): Promise<T> {
    this.#opened()
    return this.#writer.inPlace(async () => {
      const result = await work()
      this.#coding = this.#coding.catch(() => {}).then(() => this.#code())
      await this.#coding
      return result
    })
  }

  /** Codes only make searches faster: what keeps them from being made is told when the data itself is read or written. */
  async #code(): Promise<void> {
    try {
      const row = this.#reader.row()
      await codeVectors({
        reader: this.#reader.connection,
        tables: this.#reader.tables,
        row,
        isDamageKnown: this.#reader.knowsDamagedCodes,
        isCurrent: () => this.#reader.row().generation === row.generation,
        write: (work) => this.#writer.write(work),
      })
      this.#reader.trustCodes()
    } catch (error) {
      if (!VecinoError.isInstance(error)) throw error
    }
  }

  async asSnapshot<T>(work: (reading: StoreReading) => Promise<T>): Promise<T> {
    this.#opened()
    if (this.place === memoryPath) return this.#untilUnchanged(work)
    const { connection } = openForReading(this.place, this.#readOnly)
    const { place, passport } = this
    const reader = new CollectionReader(connection, this.#row.id)
    try {
      return await connection.asSnapshot(() =>
        work({
          place,
          passport,
          counts: async () => countsOf(reader.row()),
          fields: async () => fieldNames(connection, reader.tables, reader.row()),
          keys: async (which = 'all') => reader.keys(which),
          passages: async (keys) => reader.passages(keys),
          vectors: async (keys) => reader.vectors(keys),
        }),
      )
    } finally {
      reader.close()
    }
  }

  /** In memory there is one connection, which shows each write at once. */
  async #untilUnchanged<T>(work: (reading: StoreReading) => Promise<T>): Promise<T> {
    for (;;) {
      const { generation } = this
      try {
        const result = await work(this)
        if (this.generation === generation) return result
      } catch (error) {
        if (this.generation === generation) throw error
      }
    }
  }

  async counts() {
    return countsOf(this.#opened().row())
  }

  async info(): Promise<StoreInfo> {
    const { connection } = this.#opened()
    const sizeBytes =
      this.place === memoryPath
        ? connection.number('PRAGMA page_count') * connection.number('PRAGMA page_size')
        : sizeOf(this.place) + sizeOf(`${this.place}-wal`)
    return { name: this.#row.name, formatVersion, sizeBytes, index: this.#indexState() }
  }

  #indexState(): StoreInfo['index'] {
    const { connection, tables } = this.#reader
    return connection.snapshot(() => {
      const { embedded } = this.#reader.row()
      try {
        const { shards, live } = readShards(connection, tables)
        if (shards.length === 0) return 'absent'
        return embedded - live < codedFrom ? 'fresh' : 'stale'
      } catch (error) {
        if (error instanceof CorruptDataError) return 'stale'
        throw error
      }
    })
  }

  async *digests() {
    yield* this.#opened().digests()
  }

  async digestsOf(ids: readonly string[]) {
    return this.#opened().digestsOf(ids)
  }

  async *files(): AsyncGenerator<ReadFile> {
    const reader = this.#opened()
    const { connection, tables } = reader
    const rows = connection.snapshot(() => {
      const found = connection.all(`${selectFiles(tables)} ORDER BY path`)
      assertCount(`${this.place}, files`, reader.row().files, found.length)
      return found
    })
    for (const row of rows) yield readFile(row, this.place)
  }

  async fields(): Promise<string[]> {
    const { connection, tables } = this.#opened()
    return connection.snapshot(() => fieldNames(connection, tables, this.#reader.row()))
  }

  async sources(options: Parameters<Store['sources']>[0]) {
    return this.#opened().sources(options)
  }

  async source(id: string) {
    return this.#opened().source(id)
  }

  async passages(keys: Int32Array) {
    return this.#opened().passages(keys)
  }

  async vectors(keys: Int32Array) {
    return this.#opened().vectors(keys)
  }

  async keys(which: 'all' | 'embedded' = 'all') {
    return this.#opened().keys(which)
  }

  async nearest(queries: Matrix, options: RankOptions) {
    options.signal?.throwIfAborted()
    return this.#opened().nearest(queries, options)
  }

  async keyword(query: string, options: KeywordOptions) {
    options.signal?.throwIfAborted()
    return this.#opened().keyword(query, options, this.#analyser)
  }

  async matches(query: string, texts: readonly string[]) {
    this.#opened()
    return this.#analyser.matches(query, texts)
  }

  async cached(fingerprint: string, task: string, digests: readonly string[]) {
    return readCached(this.#opened().connection, fingerprint, task, digests)
  }

  async cache(fingerprint: string, task: string, digests: readonly string[], vectors: Matrix): Promise<void> {
    this.#opened()
    if (vectors.rows !== digests.length)
      throw new InvalidArgumentError('vectors', `${digests.length} rows, one a digest`, vectors.rows)
    // The cache may hold other models' vectors, of other lengths.
    assertVectors(vectors, { ...(vectors.passport ?? this.passport), dimensions: vectors.columns }, this.place)
    await this.#writer.write((connection) => writeCached(connection, fingerprint, task, digests, vectors))
  }

  async setting(name: string): Promise<unknown> {
    const { connection } = this.#opened()
    return connection.snapshot(() => readSetting(connection, this.#row.id, name))
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    this.#opened()
    await this.#writer.write((connection) => writeSetting(connection, this.#row.id, name, value))
  }

  async verify() {
    const { connection } = this.#opened()
    const { id } = this.#row
    if (this.place === memoryPath) return verifyCollection(connection, id)
    // SQLite's check of the full-text index goes by what its connection remembers of it, which may be an older state.
    const fresh = openForReading(this.place, true).connection
    try {
      return fresh.snapshot(() => verifyCollection(fresh, id))
    } finally {
      fresh.close()
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#generation = this.#lastGeneration()
    this.#isOpen = false
    openStores.set(this.place, (openStores.get(this.place) ?? 1) - 1)
    this.#analyser.close()
    this.#reader.close()
    this.#writer.close()
  }

  /** A damaged file must still close. */
  #lastGeneration(): number {
    try {
      return this.generation
    } catch {
      return this.#generation
    }
  }

  #opened(): CollectionReader {
    if (!this.#isOpen) throw new InvalidArgumentError('store', 'an open store', 'a closed one', 'Open it again.')
    return this.#reader
  }
}

function countsOf({ sources, passages, tokens }: CollectionRow) {
  return { sources, passages, tokens }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}
