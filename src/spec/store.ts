import type { Passage, SourceFile } from './collection.ts'
import type { Filter, Metadata } from './filter.ts'
import type { Matrix } from './matrix.ts'
import type { Passport } from './passport.ts'

/**
 * A passage as it is kept. `hasVector` is false where the model knows no token of it (emoji alone, say): such a passage is
 * found by words only, and no vector is made up for it.
 */
export interface KeptPassage extends Omit<Passage, 'input'> {
  readonly hasVector: boolean
}

/** A source with its passages and their vectors: the unit that is written whole or not at all. */
export interface StoredSource {
  readonly id: string
  readonly kind: 'file' | 'row' | 'record'
  readonly title: string | undefined
  /** SHA-256 over text, title, metadata and the chunking settings: equal digest, nothing to do. */
  readonly digest: string
  readonly metadata: Metadata
  readonly file: SourceFile | undefined
  readonly passages: readonly KeptPassage[]
}

export interface StoredPassage extends KeptPassage {
  readonly key: number
  /** 0-based place in its source, and how many passages that source has. */
  readonly ordinal: number
  readonly siblings: number
  readonly source: string
  readonly title: string | undefined
  readonly metadata: Metadata
}

/** A file all of whose sources are stored, so that it need not be read again while its facts stay the same. */
export interface ReadFile extends SourceFile {
  /** Digest of the settings it was read and cut with. */
  readonly settings: string
  /** Sources that came from it. */
  readonly sources: number
}

export interface WriteBatch {
  /** Added, or put in place of the source of the same id. `vectors` has one row a passage with `hasVector`, sources in order. */
  readonly put: readonly StoredSource[]
  readonly vectors: Matrix
  /** Ids of sources; removing comes before putting. */
  readonly remove: readonly string[]
  /** Files read to their end with this batch, by path in place of what was known. */
  readonly files?: readonly ReadFile[]
  /** Paths of files to forget, so that they are read again. */
  readonly forgetFiles?: readonly string[]
}

/** What tells whether a source must be embedded again. */
export interface SourceDigest {
  readonly id: string
  readonly digest: string
  readonly file: SourceFile | undefined
}

/** Passage keys, best first, with a score (larger is better); equal scores in ascending order of keys. */
export interface Ranked {
  readonly keys: Int32Array
  readonly scores: Float64Array
}

export interface KeywordRanked extends Ranked {
  /** Score of an ideal passage, which holds all the query's words, also those that none here has: what a BM25 is compared to. */
  readonly best: number
  /** Scores of the passages asked for by `also`, in its order; 0 where none of the words is found. */
  readonly also: Float64Array
}

export interface RankOptions {
  readonly topK: number
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

export interface KeywordOptions extends RankOptions {
  /** Keys whose scores are wanted too, whatever their rank. @default none */
  readonly also?: Int32Array | undefined
}

export interface StoreInfo {
  readonly name: string
  readonly formatVersion: number
  readonly sizeBytes: number
  readonly index: 'fresh' | 'stale' | 'absent'
}

/** What an analysis reads of a collection. */
export type StoreReading = Pick<Store, 'place' | 'passport' | 'counts' | 'fields' | 'keys' | 'passages' | 'vectors'>

/**
 * Where a collection lives. One conformance suite (`testing/store-conformance`) holds every back end to it.
 * `write` resolves once the batch is durable; a rejected or killed write leaves the state before it.
 * Reads between two writes see one state.
 */
export interface Store {
  readonly kind: string
  /** Path or address, for messages. */
  readonly place: string
  readonly passport: Passport
  /** Counts writes of every process; derived data made at another generation is stale. */
  readonly generation: number

  write(batch: WriteBatch): Promise<void>
  /**
   * Keep the writer's place for the whole of `work`, so that a long run is not interrupted by another writer.
   * A write outside takes the place for itself alone.
   *
   * @throws {BusyError} naming the holder, before `work` is called.
   */
  asWriter<T>(work: () => Promise<T>): Promise<T>

  /**
   * All that `work` reads through its argument is of one state, whatever is written meanwhile. It does not write, and may be
   * called again where a back end has no snapshots and the state has changed.
   */
  asSnapshot<T>(work: (reading: StoreReading) => Promise<T>): Promise<T>

  counts(): Promise<{ sources: number; passages: number; tokens: number }>
  info(): Promise<StoreInfo>
  /** Every source's id, digest and file facts, in the order added. */
  digests(): AsyncIterable<SourceDigest>
  /** The same of the ids asked, in their order; undefined for the unknown. */
  digestsOf(ids: readonly string[]): Promise<(SourceDigest | undefined)[]>
  /** Files read to their end. */
  files(): AsyncIterable<ReadFile>
  /** Names of the metadata fields that any source has, sorted. */
  fields(): Promise<string[]>
  /** Pages through sources in the order added. */
  sources(options: {
    offset: number
    limit: number
    filter?: Filter | undefined
  }): Promise<{ id: string; title: string | undefined; metadata: Metadata; passages: number }[]>
  /** Passages of one source in order; undefined when there is no such source. */
  source(id: string): Promise<{ title: string | undefined; metadata: Metadata; passages: StoredPassage[] } | undefined>
  passages(keys: Int32Array): Promise<StoredPassage[]>
  /**
   * Rows in the order of `keys`, each checked against its checksum.
   *
   * @throws {NotFoundError} for a key that does not exist or has no vector.
   */
  vectors(keys: Int32Array): Promise<Matrix>
  /** All live passage keys, or only those with a vector; ascending. */
  keys(which?: 'all' | 'embedded'): Promise<Int32Array>

  /** Exact nearest passages of each query row by inner product, one ranking a row. */
  nearest(queries: Matrix, options: RankOptions): Promise<Ranked[]>
  /** BM25 over passages; any string is a valid query. */
  keyword(query: string, options: KeywordOptions): Promise<KeywordRanked>
  /** For each text, the spans of it that a query's words match (same analysis as `keyword`), and the words. */
  matches(
    query: string,
    texts: readonly string[],
  ): Promise<{ spans: { start: number; end: number }[]; words: string[] }[]>

  /** Vectors kept by content: rows for the digests known, undefined for the others. */
  cached(fingerprint: string, task: string, digests: readonly string[]): Promise<(Float32Array | undefined)[]>
  /** Keep vectors; durable on return, so that paid work is never paid twice. */
  cache(fingerprint: string, task: string, digests: readonly string[], vectors: Matrix): Promise<void>

  /** Small derived values (background, settings) by name. */
  setting(name: string): Promise<unknown>
  setSetting(name: string, value: unknown): Promise<void>

  /** Reads everything and checks every checksum; lists what is wrong. */
  verify(): Promise<StoreFault[]>
  close(): Promise<void>
}

export interface StoreFault {
  readonly place: string
  readonly problem: string
  /** Sources whose data is damaged; empty when only derived data is, which rebuilds alone. */
  readonly sources: readonly string[]
}
