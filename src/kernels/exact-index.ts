import { CorruptDataError, InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { fingerprint, type Passport } from '../spec/passport.ts'
import { BestList } from './best-list.ts'
import { assertTopK, emptyNearest, type Nearest } from './compare.ts'
import { type Basis, sampleIds, trainBasis } from './exact-basis.ts'
import { CodeStore } from './exact-codes-store.ts'
import { decodeIndex, encodeIndex, type SavedHeader, type SavedIndex } from './exact-file.ts'
import { scaleRows, unitOf } from './exact-pairs.ts'
import { RowParts, type RowSource } from './exact-rows.ts'
import { assertMetric, assertNonZero, dot, type Metric, shownScore, squaredNorms } from './metric.ts'
import { bitmapBytes, hasBit, type Selection, setBit, toBitmap } from './selection.ts'
import { Arena } from './wasm/arena.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { defaultThreads, Pool } from './wasm/pool.ts'

export interface IndexOptions {
  /** How rows are compared. @default 'cosine' */
  readonly metric?: Metric | undefined
  /** Threads for building and for batches of queries, integer ≥ 1; the answer doesn't depend on it. @default logical cores, at most 8 */
  readonly threads?: number | undefined
  /** Arithmetic; the answer doesn't depend on it. @default the fastest here */
  readonly engine?: Engine | undefined
  /** Code the first pass in 4 bits a value instead of 6: less memory, and faster beyond the processor's cache. @default from 50,000 rows on */
  readonly compact?: boolean | undefined
}

export interface SearchOptions {
  /** Neighbours a query, integer ≥ 1. @default 10 */
  readonly topK?: number | undefined
  /** Ids that may be returned: a bitmap, or the ids. @default all */
  readonly filter?: Selection | undefined
  /** One id a query row never to return (itself, say); −1 for none. @default none */
  readonly exclude?: Int32Array | undefined
}

/** Under it brute force takes less time than coding the rows. */
const codedFrom = 2048
/** Rows whose first pass waits for memory more than it computes. */
const compactFrom = 50_000
const queriesAtOnce = 256

/**
 * Exact nearest neighbours: the same ids in the same order as brute force in float64, with ties by the smaller id.
 *
 * Ids are places: the rows of the first matrix are 0 … rows − 1, rows added later follow; removed ids are never used again.
 * The float32 rows are read from where they are (the matrix, which must not change, or the `RowSource`); resident
 * besides them are the codes of `exact-codes.ts`, `bytesPerRow` each.
 */
export class ExactIndex {
  readonly metric: Metric
  readonly engine: Engine
  readonly threads: number
  private readonly parts: RowParts
  private readonly compact: boolean | undefined
  private readonly pool: Pool
  private readonly arena: Arena
  private codes: CodeStore | undefined
  private alive: Uint8Array = new Uint8Array(0)
  private removed = 0
  /** Searches, additions and removals run one after the other: they share the kernel's memory. */
  private queue: Promise<unknown> = Promise.resolve()

  constructor(columns: number, passport: Passport | undefined, options: IndexOptions) {
    this.metric = options.metric ?? 'cosine'
    assertMetric(this.metric)
    this.engine = options.engine ?? bestEngine()
    if (this.engine !== 'typescript' && this.engine !== 'simd' && this.engine !== 'relaxed')
      throw new InvalidArgumentError('options.engine', "'typescript', 'simd' or 'relaxed'", this.engine)
    const asked = options.threads ?? defaultThreads()
    this.arena = new Arena({ shared: asked > 1 })
    this.pool = new Pool(this.arena, asked)
    this.threads = this.pool.threads
    this.compact = options.compact
    this.parts = new RowParts(this.metric, columns, passport)
  }

  /** Ids given out so far, the removed ones included. */
  get rows(): number {
    return this.parts.rows
  }

  /** Rows that a search may return. */
  get size(): number {
    return this.parts.rows - this.removed
  }

  /** Bytes resident for each row besides its float32 values; 0 while the index is small enough for brute force. */
  get bytesPerRow(): number {
    return this.codes === undefined ? 0 : this.codes.bytesPerRow + (this.metric === 'cosine' ? 8 : 0)
  }

  /**
   * The `topK` nearest rows of each query.
   *
   * @returns `ids` and `scores`, `queries.rows × topK`, best first; id −1 and score NaN where fewer rows are allowed.
   * @throws {InvalidVectorError} for a query that is not finite, or zero under cosine.
   * @throws {PassportMismatchError} when another model made the queries.
   *
   * Cost: one pass over the first coded dimensions of every row, and little more; twice the queries, less than twice the time.
   */
  search(queries: Matrix, options: SearchOptions = {}): Promise<Nearest> {
    return this.inTurn(() => this.searchNow(queries, options))
  }

  /** Append rows; their ids follow the last. @throws {InvalidVectorError} for a bad row, and then none is added. */
  add(source: Matrix | RowSource): Promise<void> {
    return this.inTurn(() => this.append(source))
  }

  /** @throws {NotFoundError} for an id that was never given out or is removed already; then none is removed. */
  remove(ids: Int32Array): Promise<void> {
    return this.inTurn(async () => {
      for (const id of ids)
        if (!(id >= 0 && id < this.rows && hasBit(this.alive, id))) throw new NotFoundError('index row', String(id))
      for (const id of ids) {
        if (hasBit(this.alive, id)) this.removed++
        this.alive[id >> 3] = this.alive[id >> 3]! & ~(1 << (id & 7))
      }
    })
  }

  /**
   * The codes, so that `loadIndex` need not make them again: with the rows elsewhere, all there is to keep.
   *
   * @param options.tag - A mark of your own, checked on loading: the version of the rows, say. @default ''
   */
  save(options: { tag?: string } = {}): Promise<Uint8Array> {
    return this.inTurn(async () => {
      const { codes, parts, metric, rows, removed } = this
      const basis = codes?.coder.basis
      const header: SavedHeader = {
        version: 1,
        metric,
        columns: parts.columns,
        rows,
        fingerprint: parts.passport === undefined ? null : fingerprint(parts.passport),
        tag: options.tag ?? '',
        removed,
        coded:
          codes === undefined || basis === undefined
            ? undefined
            : {
                width: basis.width,
                unit: basis.unit,
                head: basis.head,
                nibbles: basis.nibbles,
                turned: basis.axes !== undefined,
                codeNorm: codes.coder.codeNorm,
                segments: codes.segments.map((segment) => segment.rows),
              },
      }
      return encodeIndex(header, this.alive, parts.squaredNorms(), codes)
    })
  }

  /** Put back what was saved. */
  async restore(saved: SavedIndex, source: Matrix | RowSource): Promise<void> {
    this.parts.attach(source, saved.squaredNorms)
    this.alive = saved.alive
    this.removed = saved.header.removed
    const { basis, header } = saved
    if (basis === undefined || this.engine === 'typescript') return
    const codes = await CodeStore.create(basis, this.arena, this.pool, this.engine)
    saved.codes.forEach((segment, s) => {
      codes.restore(header.coded?.segments[s] ?? 0, segment)
    })
    codes.coder.codeNorm = header.coded?.codeNorm ?? 0
    this.codes = codes
  }

  /** Give the threads back. */
  close(): void {
    this.pool.close()
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work)
    this.queue = result.catch(() => {})
    return result
  }

  private async append(source: Matrix | RowSource): Promise<void> {
    const before = this.rows
    const { codes } = this
    const room = Math.max(1024, source.rows, before >> 3)
    await this.parts.append(source, codes === undefined ? undefined : (rows) => codes.append(rows, room))
    const alive = new Uint8Array(bitmapBytes(this.rows))
    alive.set(this.alive)
    for (let id = before; id < this.rows; id++) setBit(alive, id)
    this.alive = alive
    if (codes === undefined && this.rows >= codedFrom && this.engine !== 'typescript') await this.code()
  }

  /** Choose a basis and code all rows. */
  private async code(): Promise<void> {
    const { metric, engine, rows } = this
    const sample = await this.parts.take(sampleIds(rows))
    const unit = unitOf(sample, metric)
    scaleRows(sample, metric, unit)
    const basis = await trainBasis(sample, { metric, rows, unit, engine, nibbles: this.compact ?? rows >= compactFrom })
    const codes = await CodeStore.create(basis, this.arena, this.pool, engine)
    codes.reserve(rows)
    for await (const block of this.parts.blocks()) await codes.append(block.rows, rows)
    this.codes = codes
  }

  private async searchNow(queries: Matrix, options: SearchOptions): Promise<Nearest> {
    const { topK = 10, filter, exclude } = options
    assertTopK(topK)
    assertComparable(createMatrix(0, this.parts.columns, undefined, this.parts.passport), queries, 'queries')
    assertFinite(queries, 'queries')
    if (this.metric === 'cosine') assertNonZero(squaredNorms(queries), 'queries')
    if (exclude !== undefined && exclude.length !== queries.rows)
      throw new InvalidArgumentError('options.exclude', `${queries.rows} ids, one a query`, exclude.length)
    const allowed = this.allowedBy(filter)
    const nearest = emptyNearest(queries.rows, topK)
    const best = new BestList(Math.min(topK, this.rows))
    const codes = this.pruningPays(topK, allowed) ? this.codes : undefined
    for (let start = 0; start < queries.rows; start += queriesAtOnce) {
      const count = Math.min(queriesAtOnce, queries.rows - start)
      const excluded = exclude?.subarray(start, start + count) ?? []
      const found = await codes?.candidates(
        Array.from({ length: count }, (_, i) => this.prepare(queries, start + i, codes.coder.basis)),
        { topK, allowed, excluded },
      )
      for (let i = 0; i < count; i++) {
        const ids = found?.[i]
        if (ids === undefined) await this.parts.scoreAll(queries, start + i, allowed, excluded[i] ?? -1, best)
        else await this.parts.score(queries, start + i, ids, best)
        const ranked = best.drain()
        nearest.ids.set(ranked.ids, (start + i) * topK)
        for (let rank = 0; rank < ranked.scores.length; rank++)
          nearest.scores[(start + i) * topK + rank] = shownScore(this.metric, ranked.scores[rank]!)
      }
    }
    return nearest
  }

  private allowedBy(filter: Selection | undefined): Uint8Array | undefined {
    const chosen = filter === undefined ? undefined : toBitmap(filter, this.rows)
    if (this.removed === 0) return chosen
    if (chosen === undefined) return this.alive
    return chosen.map((byte, i) => byte & this.alive[i]!)
  }

  /** Few allowed rows, or many wanted: then scoring all of them is the shorter way. */
  private pruningPays(topK: number, allowed: Uint8Array | undefined): boolean {
    if (this.codes === undefined) return false
    let size = this.rows
    if (allowed !== undefined) {
      size = 0
      for (let byte of allowed) for (; byte !== 0; byte &= byte - 1) size++
    }
    return size > 512 && size > this.rows >> 8 && topK <= size >> 4
  }

  /** A query as rows are prepared: under `ip` and `cosine` its length doesn't matter, under `l2` it is scaled like rows. */
  private prepare(queries: Matrix, query: number, basis: Basis): Float64Array {
    const { columns, data } = queries
    const at = query * columns
    const norm = Math.sqrt(dot(data, at, data, at, columns))
    const scale = this.metric === 'l2' ? basis.unit : norm === 0 ? 0 : 1 / norm
    const prepared = new Float64Array(columns)
    for (let j = 0; j < columns; j++) prepared[j] = data[at + j]! * scale
    return prepared
  }
}

/**
 * Build an exact index over the rows of a matrix (kept, not copied: leave it unchanged) or of a `RowSource`.
 *
 * @param source - Finite rows; under cosine none zero.
 * @throws {InvalidVectorError} naming the first bad row.
 *
 * Cost: one principal component analysis of at most 4,096 rows, then O(rows · columns²) to turn and code them.
 */
export async function createIndex(source: Matrix | RowSource, options: IndexOptions = {}): Promise<ExactIndex> {
  const index = new ExactIndex(source.columns, source.passport, options)
  await index.add(source)
  return index
}

/**
 * An index from the bytes of `save`, over the same rows: no row is read until a search needs it.
 *
 * @param source - The rows the index was saved with, all of them in one, the removed ones too.
 * @param options.tag - Must be the one saved. @default ''
 * @throws {CorruptDataError} when the bytes are damaged, or were saved for other rows (another number, model or tag).
 * @throws {FormatVersionError} when a later release saved them.
 */
export async function loadIndex(
  saved: Uint8Array,
  source: Matrix | RowSource,
  options: { threads?: number; engine?: Engine; tag?: string } = {},
): Promise<ExactIndex> {
  const parsed = decodeIndex(saved)
  const { header } = parsed
  const expected = {
    rows: source.rows,
    columns: source.columns,
    fingerprint: source.passport === undefined ? null : fingerprint(source.passport),
    tag: options.tag ?? '',
  }
  for (const field of ['rows', 'columns', 'fingerprint', 'tag'] as const)
    if (header[field] !== expected[field])
      throw new CorruptDataError('saved index', `${field} ${expected[field]}`, String(header[field]), {
        remedy: 'Build the index again from its rows.',
      })
  const index = new ExactIndex(source.columns, source.passport, { ...options, metric: header.metric })
  await index.restore(parsed, source)
  return index
}
