import type { ClusterAssignment, ClusterOptions, Clusters, CollectionClusters } from './clusters.ts'
import type { DuplicatesOptions, DuplicatesReport } from './duplicates.ts'
import type { Filter, Metadata, MetadataValue } from './filter.ts'
import type { Items } from './items.ts'
import type { CollectionMapOptions, ItemMap } from './map.ts'
import type { Matrix } from './matrix.ts'
import type { OutliersOptions, OutliersReport } from './outliers.ts'
import type { CollectionRecommendOptions, Recommendation } from './recommend.ts'
import type { CollectionRelatedOptions, RelatedItems } from './related.ts'
import type { Reranker } from './reranker.ts'
import type { SampleOptions, SampleReport } from './sample.ts'
import type { StoreFault } from './store.ts'
import type { KeptUsage, Quote, Receipt, SpendingOptions } from './usage.ts'

/** What a user adds. Without an `id` the record is named by the digest of its text. */
export interface SourceRecord {
  readonly id?: string
  readonly text: string
  readonly title?: string | undefined
  /** A key whose value is undefined counts as absent. */
  readonly metadata?: Readonly<Record<string, MetadataValue | undefined>> | undefined
}

/** A document as a reader hands it over and the chunker cuts it. */
export interface SourceDocument {
  /** Path relative to the added root with `/`, `path:line` for a row of a table, or the record's id. */
  readonly id: string
  readonly kind: 'file' | 'row' | 'record'
  readonly format: 'markdown' | 'text' | 'html' | 'code' | 'record'
  readonly title: string | undefined
  /** What passages are slices of. For HTML the main text, for Markdown the body below the front matter, for a row its text fields; for everything else the text as it stands in the file. */
  readonly text: string
  readonly metadata: Metadata
  /** The file it came from, so that an unchanged one is not read again. */
  readonly file: SourceFile | undefined
  /** Line of the file (1-based) on which an offset of `text` stands. */
  readonly lineAt: (offset: number) => number
}

export interface SourceFile {
  /** Absolute path. */
  readonly path: string
  readonly modifiedMs: number
  readonly sizeBytes: number
}

/** A span of a source, the unit that is embedded and found: `source.slice(start, end) === text`, always. */
export interface Passage {
  /** UTF-16 offsets into the source's text; both on grapheme boundaries. Passages of a source cover it without a gap. */
  readonly start: number
  readonly end: number
  readonly text: string
  /** 1-based line of `start` in the file. */
  readonly line: number
  /** Titles above the passage, outermost first. */
  readonly headings: readonly string[]
  /** Tokens of `input` by the model's own tokenizer. */
  readonly tokens: number
  /** What is embedded: the headings' path, then the passage's words without markup. */
  readonly input: string
}

export type SearchMode = 'hybrid' | 'semantic' | 'keyword'

export interface SearchOptions extends SpendingOptions {
  /** Hits wanted, integer in [1, 10 000]. @default 10 */
  readonly topK?: number
  /** Hits to pass over first, integer ≥ 0. @default 0 */
  readonly offset?: number
  /**
   * `semantic` ranks every passage that has a vector; `keyword` those that hold a word of the query; `hybrid` those that
   * hold one or are nearer in meaning than chance, so it may give fewer than `topK`, or none.
   *
   * @default 'hybrid'
   */
  readonly mode?: SearchMode
  readonly filter?: Filter
  /** Fill in `hit.explain`. @default false */
  readonly explain?: boolean
  /** At most one hit a source: its best. @default false */
  readonly bySource?: boolean
  /**
   * Share of unrelated questions, in (0, 0.5], that may still get an answer: weaker hits are withheld, so the list may be
   * empty ("nothing here answers that"). @default none: always the nearest
   */
  readonly falseAlarmRate?: number
  /**
   * Reads the best candidates together with the query and puts them in its order; `hit.score` is then its score.
   * @default none
   */
  readonly rerank?: Reranker | undefined
  /** How many candidates the reranker reads, integer from `offset + topK` to 1,000. @default 50, or `offset + topK` where that is more */
  readonly candidates?: number | undefined
  readonly signal?: AbortSignal
}

export interface Hit {
  /** The source's id where it has one passage, else `source#n` (n from 1). */
  readonly id: string
  readonly source: string
  readonly title: string | undefined
  readonly text: string
  readonly start: number
  readonly end: number
  /** 1-based line in the file. */
  readonly line: number
  readonly headings: readonly string[]
  readonly metadata: Metadata
  /** Larger is better. Cosine in `semantic` mode, the share of the best possible BM25 in `keyword`, their weighted sum in `hybrid`; of a reranker, where one was asked. */
  readonly score: number
  /**
   * Share of random pairs that are less alike, in percent (0–100): pairs of an unrelated question and a passage of this
   * collection in `search`, of two passages in `similar`. At most 100 · n / (n + 1) for n pairs (5,000 in all but small
   * collections), rounded down to whole percents below 1,000 pairs and to tenths from there on. Undefined where no vector
   * was compared, and where there are fewer than 100 pairs.
   */
  readonly percentile: number | undefined
  /** Spans of `text` (offsets into it) that answer: the words found, and the sentence nearest in meaning. */
  readonly highlights: readonly { readonly start: number; readonly end: number; readonly kind: 'word' | 'meaning' }[]
  readonly explain: HitExplanation | undefined
}

/** Why a hit scored as it did: the contributions sum to `score`, unless a reranker gave it. A part is undefined where it was not looked at or found nothing. */
export interface HitExplanation {
  readonly semantic:
    | {
        /** Place in the list by meaning, from 1; undefined beyond the candidates looked at. */
        readonly rank: number | undefined
        readonly cosine: number
        readonly weight: number
        readonly contribution: number
      }
    | undefined
  readonly keyword:
    | {
        /** Place in the list by words, from 1; undefined beyond the candidates looked at. */
        readonly rank: number | undefined
        readonly bm25: number
        readonly words: readonly string[]
        readonly weight: number
        readonly contribution: number
      }
    | undefined
  /** What a reranker made of it, and its place before, from 1. Absent where none was asked. */
  readonly rerank?: { readonly model: string; readonly score: number; readonly before: number } | undefined
}

export interface Progress {
  readonly phase: 'read' | 'embed' | 'store' | 'index'
  /** Passages done so far, and how many there will be as far as is known now. */
  readonly done: number
  readonly total: number | undefined
  readonly sources: number
  readonly perSecond: number
  readonly etaMs: number | undefined
  readonly tokens: number
}

export interface AddOptions extends SpendingOptions {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
  /** Gitignore-style patterns of files to take. @default all readable formats */
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  /** Read what `.gitignore` and `.vecinoignore` name too. @default false */
  readonly noIgnore?: boolean
  /** Remove sources of the added folders whose files are gone. @default false */
  readonly sync?: boolean
  /** Columns or fields that hold the text of CSV, JSON and JSONL rows. @default inferred, and said in the report */
  readonly textFields?: readonly string[]
  /**
   * Column or field that names a row; false for names by file and line.
   * @default `id` where all of the first rows have one, each another text or integer (said in the report); else file and line
   */
  readonly idField?: string | false
  /** Upper bound on tokens a passage. @default the smaller of the model's window and 256 */
  readonly maxTokens?: number
  /** Tokens two neighbouring passages of a long block share, in [0, maxTokens / 2]. @default 32, at most a quarter of maxTokens */
  readonly overlapTokens?: number
}

/** A thing the user should know that did not stop the run. */
export interface Notice {
  readonly kind: 'split' | 'short-text' | 'no-vector' | 'skipped-file' | 'inferred-fields' | 'duplicate-text' | 'note'
  readonly source: string
  readonly message: string
}

export interface AddReport {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly removed: number
  readonly passages: number
  /** Texts sent to the model, and texts answered by the cache or by an equal text. */
  readonly embedded: number
  readonly reused: number
  readonly tokens: number
  /** What was sent, to whom, and what it cost. */
  readonly receipt: Receipt
  /** Texts with more tokens than a passage may have: all were split, none was cut. */
  readonly split: number
  readonly elapsedMs: number
  /** The first 1,000; `noticeCounts` counts them all. */
  readonly notices: readonly Notice[]
  readonly noticeCounts: Readonly<Record<string, number>>
}

export interface SourceView {
  readonly id: string
  readonly title: string | undefined
  readonly text: string
  readonly metadata: Metadata
  readonly passages: readonly {
    readonly id: string
    readonly start: number
    readonly end: number
    readonly line: number
    readonly headings: readonly string[]
    readonly tokens: number
  }[]
}

export interface SourceSummary {
  readonly id: string
  readonly title: string | undefined
  readonly passages: number
  readonly metadata: Metadata
}

export interface CollectionStatus {
  readonly path: string
  readonly name: string
  readonly formatVersion: number
  readonly sources: number
  readonly passages: number
  readonly tokens: number
  readonly sizeBytes: number
  readonly model: string
  readonly fingerprint: string
  readonly dimensions: number
  readonly generation: number
  readonly index: 'fresh' | 'stale' | 'absent'
  /** What all paid runs of `add` used together; undefined where there was none. */
  readonly paid: KeptUsage | undefined
}

export interface ExportReport {
  /** Absolute path of the folder. */
  readonly folder: string
  readonly sources: number
  readonly passages: number
  readonly vectors: number
}

export interface ImportReport {
  readonly added: number
  /** Sources put in place of ones of the same id. */
  readonly changed: number
  readonly passages: number
}

/** What of a collection an analysis looks at. */
export interface ItemSelection {
  /** One item a source, with the mean direction of its passages, or one a passage. @default 'source' */
  readonly by?: 'source' | 'passage' | undefined
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

/** What `open` gives: texts, metadata, vectors and the full-text index, in one file. */
export interface Collection {
  /** Paths of files and folders, or records (any iterable, also asynchronous). Acknowledged means durable. */
  add(
    input: string | readonly string[] | Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
    options?: AddOptions,
  ): Promise<AddReport>
  /** What `add` would take: tokens, money, time and disk. Nothing is stored, and no server is sent any of the input. */
  quote(
    input: string | readonly string[] | Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
    options?: AddOptions,
  ): Promise<Quote>
  search(query: string, options?: SearchOptions): Promise<Hit[]>
  /** Neighbours of a source or passage, itself excluded. */
  similar(
    id: string,
    options?: Pick<SearchOptions, 'topK' | 'offset' | 'filter' | 'bySource' | 'signal'>,
  ): Promise<Hit[]>
  /** Sources, or passages, in groups by meaning, with names, examples and how far each can be trusted. */
  clusters(options?: ClusterOptions & ItemSelection): Promise<CollectionClusters>
  /** Where sources or passages belong among clusters found before. */
  assignToClusters(
    clusters: Clusters,
    options?: ItemSelection,
  ): Promise<(ClusterAssignment & { readonly id: string })[]>
  /** Groups of sources (or passages) that say the same, and which of each group stays. Removes nothing. */
  duplicates(options?: DuplicatesOptions<Collection>): Promise<DuplicatesReport>
  /** What belongs to nothing else here, the most remote first. */
  outliers(options?: OutliersOptions): Promise<OutliersReport>
  /** A few sources (or passages) that stand for all, and how much they cover. */
  sample(options: SampleOptions): Promise<SampleReport>
  /** Sources for somebody who liked some and disliked others; what was named is not among them. */
  recommend(options: CollectionRecommendOptions): Promise<Recommendation[]>
  /** For each source the others to read next, beside the same by words alone and by meaning alone. */
  related(options?: CollectionRelatedOptions): Promise<RelatedItems>
  /** Sources or passages on a plane, near where they mean alike: as SVG, PNG and a page to explore. */
  map(options?: CollectionMapOptions): Promise<ItemMap>
  /** Sources, or passages, with texts, metadata and one vector each: what an analysis of your own takes. */
  items(options?: ItemSelection): Promise<Items>
  get(id: string): Promise<SourceView | undefined>
  list(options?: {
    readonly offset?: number
    readonly limit?: number
    readonly filter?: Filter
  }): Promise<SourceSummary[]>
  /** @returns how many sources were removed. Unknown ids are refused before anything is removed. */
  remove(ids: string | readonly string[]): Promise<number>
  /** Vectors of all passages with their ids, in stored order: the bridge to `kernels` and `analyses`. */
  vectors(): Promise<{ ids: string[]; vectors: Matrix }>
  status(): Promise<CollectionStatus>
  /** Reads everything and checks every checksum; lists what is wrong. */
  verify(): Promise<StoreFault[]>
  /**
   * Write vectors, texts and passport as files of open formats into a folder that does not exist yet or is empty:
   * `vectors.npy` (float32, one row a passage that has a vector), `passages.jsonl`, `passport.json`.
   */
  export(folder: string, options?: { readonly signal?: AbortSignal }): Promise<ExportReport>
  /** Add what `export` wrote, here or elsewhere, vectors as they are. Everything is checked before anything is written. */
  import(folder: string, options?: { readonly signal?: AbortSignal }): Promise<ImportReport>
  close(): Promise<void>
}
