import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import type { Passport } from '../spec/passport.ts'
import type { BestList } from './best-list.ts'
import { assertNonZero, cosineOf, dot, type Metric, rankingScore, squaredNorms } from './metric.ts'
import { hasBit } from './selection.ts'

/** Rows that live elsewhere (a file, a database) and are read by their place when they are needed. */
export interface RowSource {
  readonly rows: number
  readonly columns: number
  readonly passport?: Passport | undefined
  /** Values of the rows asked for (0 … rows − 1, ascending), one after the other; the same at every call. */
  read(ids: Int32Array): Float32Array | Promise<Float32Array>
}

interface Part {
  readonly firstId: number
  readonly source: Matrix | RowSource
  /** Under cosine. */
  readonly squaredNorms: Float64Array | undefined
}

const readAtOnce = 4096

/** The float32 rows of an index, in parts as they were added; ids count through all parts. */
export class RowParts {
  readonly metric: Metric
  readonly columns: number
  readonly passport: Passport | undefined
  rows = 0
  private readonly parts: Part[] = []

  constructor(metric: Metric, columns: number, passport: Passport | undefined) {
    this.metric = metric
    this.columns = columns
    this.passport = passport
  }

  /**
   * Check every row and append them; `visit` sees them block by block.
   *
   * @throws {InvalidVectorError} naming a row that is not finite, or zero under cosine; nothing is appended then.
   */
  async append(
    source: Matrix | RowSource,
    visit?: (rows: Matrix, firstId: number) => void | Promise<void>,
  ): Promise<void> {
    this.assertFits(source)
    const norms = this.metric === 'cosine' ? new Float64Array(source.rows) : undefined
    for await (const { rows, first } of blocksOf(source)) {
      check(rows, first)
      if (norms !== undefined) {
        norms.set(squaredNorms(rows), first)
      }
    }
    if (norms !== undefined) assertNonZero(norms, 'vectors')
    if (visit !== undefined) for await (const { rows, first } of blocksOf(source)) await visit(rows, this.rows + first)
    this.parts.push({ firstId: this.rows, source, squaredNorms: norms })
    this.rows += source.rows
  }

  /** Take over rows that were checked before. @param norms - Squared, under cosine. */
  attach(source: Matrix | RowSource, norms: Float64Array | undefined): void {
    this.assertFits(source)
    this.parts.push({ firstId: this.rows, source, squaredNorms: norms })
    this.rows += source.rows
  }

  /** Of all rows, under cosine. */
  squaredNorms(): Float64Array | undefined {
    if (this.metric !== 'cosine') return undefined
    const all = new Float64Array(this.rows)
    for (const part of this.parts) if (part.squaredNorms !== undefined) all.set(part.squaredNorms, part.firstId)
    return all
  }

  private assertFits(source: Matrix | RowSource): void {
    const shape = createMatrix(0, source.columns, new Float32Array(0), source.passport)
    assertComparable(createMatrix(0, this.columns, new Float32Array(0), this.passport), shape, 'rows')
    if (this.rows + source.rows > 2 ** 31 - 1)
      throw new InvalidArgumentError('rows', 'at most 2147483647 rows in all', this.rows + source.rows)
  }

  /** All rows, block by block. */
  async *blocks(): AsyncGenerator<{ rows: Matrix; first: number }> {
    for (const part of this.parts)
      for await (const { rows, first } of blocksOf(part.source)) yield { rows, first: part.firstId + first }
  }

  /** The rows asked for (ascending ids), copied. */
  async take(ids: Int32Array): Promise<Matrix> {
    const out = createMatrix(ids.length, this.columns)
    await this.eachGroup(ids, async (part, from, to) => {
      const { data, rowAt } = await groupRows(part, ids.subarray(from, to))
      for (let i = from; i < to; i++) {
        const at = rowAt(i - from) * this.columns
        out.data.set(data.subarray(at, at + this.columns), i * this.columns)
      }
    })
    return out
  }

  /**
   * Offer every row of `ids` (ascending) with its exact score to `best`.
   * Scores are sums in the order of `metric.ts`, four rows side by side.
   */
  async score(queries: Matrix, query: number, ids: Int32Array, best: BestList): Promise<void> {
    const { metric, columns } = this
    const at = query * columns
    const norm = metric === 'cosine' ? dot(queries.data, at, queries.data, at, columns) : 0
    for (let i = 0; i < ids.length; ) {
      const part = this.partOf(ids[i]!)
      const end = part.firstId + part.source.rows
      let j = i
      while (j < ids.length && ids[j]! < end) j++
      const group = ids.subarray(i, j)
      // No await for a matrix: thousands of queries a second pass here.
      const found = groupRows(part, group)
      const { data, rowAt } = found instanceof Promise ? await found : found
      if (metric === 'l2') {
        const rows = createMatrix(data.length / columns, columns, data)
        for (let r = 0; r < group.length; r++)
          best.offer(rankingScore('l2', queries, query, 0, rows, rowAt(r), 0), group[r]!)
      } else {
        const offer = (r: number, product: number) => {
          const id = group[r]!
          best.offer(metric === 'ip' ? product : cosineOf(product, norm, part.squaredNorms![id - part.firstId]!), id)
        }
        let r = 0
        for (; r + 4 <= group.length; r += 4) {
          let [a, b, c, d] = [0, 0, 0, 0]
          const atA = rowAt(r) * columns
          const atB = rowAt(r + 1) * columns
          const atC = rowAt(r + 2) * columns
          const atD = rowAt(r + 3) * columns
          for (let k = 0; k < columns; k++) {
            const value = queries.data[at + k]!
            a += value * data[atA + k]!
            b += value * data[atB + k]!
            c += value * data[atC + k]!
            d += value * data[atD + k]!
          }
          offer(r, a)
          offer(r + 1, b)
          offer(r + 2, c)
          offer(r + 3, d)
        }
        for (; r < group.length; r++) offer(r, dot(queries.data, at, data, rowAt(r) * columns, columns))
      }
      i = j
    }
  }

  /** Brute force over every allowed row. */
  async scoreAll(
    queries: Matrix,
    query: number,
    allowed: Uint8Array | undefined,
    excluded: number,
    best: BestList,
  ): Promise<void> {
    const ids = new Int32Array(readAtOnce)
    for (let start = 0; start < this.rows; start += readAtOnce) {
      let count = 0
      for (let id = start; id < Math.min(this.rows, start + readAtOnce); id++)
        if (id !== excluded && (allowed === undefined || hasBit(allowed, id))) ids[count++] = id
      await this.score(queries, query, ids.subarray(0, count), best)
    }
  }

  private partOf(id: number): Part {
    let low = 0
    let high = this.parts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.parts[middle]!.firstId <= id) low = middle
      else high = middle - 1
    }
    return this.parts[low]!
  }

  private async eachGroup(
    ids: Int32Array,
    visit: (part: Part, from: number, to: number) => Promise<void>,
  ): Promise<void> {
    for (let i = 0; i < ids.length; ) {
      const part = this.partOf(ids[i]!)
      let j = i
      while (j < ids.length && ids[j]! < part.firstId + part.source.rows) j++
      await visit(part, i, j)
      i = j
    }
  }
}

interface Group {
  readonly data: Float32Array
  /** Place in `data` of the r-th row asked for. */
  rowAt(r: number): number
}

function groupRows(part: Part, ids: Int32Array): Group | Promise<Group> {
  const { source, firstId } = part
  if ('data' in source) return { data: source.data, rowAt: (r) => ids[r]! - firstId }
  const places = firstId === 0 ? ids.slice() : ids.map((id) => id - firstId)
  return Promise.resolve(source.read(places)).then((data) => {
    if (data.length !== ids.length * source.columns)
      throw new InvalidVectorError('rows', `${ids.length * source.columns} values`, `${data.length}`)
    return { data, rowAt: (r: number) => r }
  })
}

async function* blocksOf(source: Matrix | RowSource): AsyncGenerator<{ rows: Matrix; first: number }> {
  for (let first = 0; first < source.rows; first += readAtOnce) {
    const count = Math.min(readAtOnce, source.rows - first)
    const data =
      'data' in source
        ? source.data.subarray(first * source.columns, (first + count) * source.columns)
        : await source.read(Int32Array.from({ length: count }, (_, i) => first + i))
    if (data.length !== count * source.columns)
      throw new InvalidVectorError('rows', `${count * source.columns} values`, `${data.length}`)
    yield { rows: createMatrix(count, source.columns, data), first }
  }
}

function check(rows: Matrix, first: number): void {
  try {
    assertFinite(rows)
  } catch (error) {
    if (!(error instanceof InvalidVectorError) || error.row === undefined) throw error
    const row = first + error.row
    throw new InvalidVectorError(`vectors, row ${row}`, 'finite float32 values', 'NaN or an infinity', { row })
  }
}
