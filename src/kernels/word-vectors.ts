import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import { type Matrix, rowOf } from '../spec/matrix.ts'

export interface SimilarWord {
  readonly word: string
  /** Cosine to the mean of the unit vectors asked for; larger is nearer. */
  readonly score: number
}

export interface MostSimilarOptions {
  /** Words to be near to. */
  readonly positive?: readonly string[]
  /** Words to be far from. */
  readonly negative?: readonly string[]
  readonly topK?: number
  /** Look only among the first so many words (the most frequent, in trained vectors). @default all */
  readonly restrict?: number
}

/** Words and their vectors, row `i` of `vectors` for `words[i]`. */
export class WordVectors {
  readonly words: readonly string[]
  readonly vectors: Matrix
  /** Occurrences in the training corpus, where known. */
  readonly counts: Uint32Array | undefined
  private readonly rows: ReadonlyMap<string, number>
  private unitRows: Float32Array | undefined

  /** @throws {InvalidArgumentError} when words and rows differ in number, or a word stands twice. */
  constructor(words: readonly string[], vectors: Matrix, counts?: Uint32Array) {
    if (words.length !== vectors.rows)
      throw new InvalidArgumentError('words', `${vectors.rows} words, one a row`, words.length)
    const rows = new Map<string, number>()
    for (let i = 0; i < words.length; i++) {
      if (rows.has(words[i]!)) throw new InvalidArgumentError(`words[${i}]`, 'each word once', words[i])
      rows.set(words[i]!, i)
    }
    this.words = words
    this.vectors = vectors
    this.counts = counts
    this.rows = rows
  }

  has(word: string): boolean {
    return this.rows.has(word)
  }

  /** Row number of a word, or undefined. */
  indexOf(word: string): number | undefined {
    return this.rows.get(word)
  }

  /** The vector of a word, a view. @throws {NotFoundError} when the word is not in the vocabulary. */
  vector(word: string): Float32Array {
    return rowOf(this.vectors, this.row(word))
  }

  /** Cosine of two words; 0 when one has a zero vector. */
  similarity(a: string, b: string): number {
    return dot(this.unitRow(this.row(a)), this.unitRow(this.row(b)))
  }

  /**
   * Words nearest to Σ positive − Σ negative, each input first scaled to unit length; the inputs are not among them.
   *
   * @param options.positive, options.negative - Words of the vocabulary; at least one in all.
   * @param options.topK - Words to give, integer ≥ 1; fewer come back where the vocabulary has fewer. @default 10
   * @returns words by falling cosine, ties by row.
   * @throws {NotFoundError} when an input is not in the vocabulary.
   *
   * Cost: one pass over all rows. Source: Mikolov et al. 2013 (3CosAdd), as gensim's `most_similar`.
   */
  mostSimilar(options: MostSimilarOptions): SimilarWord[] {
    const { positive = [], negative = [], topK = 10, restrict = this.words.length } = options
    if (positive.length + negative.length === 0)
      throw new InvalidArgumentError('options.positive', 'at least one word in positive or negative', 'none')
    if (!Number.isInteger(topK) || topK < 1)
      throw new InvalidArgumentError('options.topK', 'an integer of at least 1', topK)
    if (!Number.isInteger(restrict) || restrict < 1 || restrict > this.words.length)
      throw new InvalidArgumentError('options.restrict', `an integer from 1 to ${this.words.length}`, restrict)
    const inputs = new Set<number>()
    const target = new Float32Array(this.vectors.columns)
    for (const [words, sign] of [
      [positive, 1],
      [negative, -1],
    ] as const) {
      for (const word of words) {
        const row = this.row(word)
        inputs.add(row)
        const unit = this.unitRow(row)
        for (let d = 0; d < unit.length; d++) target[d] = target[d]! + sign * unit[d]!
      }
    }
    const length = Math.sqrt(dot(target, target))
    if (length > 0) for (let d = 0; d < target.length; d++) target[d] = target[d]! / length
    return this.nearest(target, inputs, topK, restrict)
  }

  private nearest(target: Float32Array, excluded: ReadonlySet<number>, topK: number, restrict: number): SimilarWord[] {
    const best: { row: number; score: number }[] = []
    let floor = Number.NEGATIVE_INFINITY
    for (let row = 0; row < restrict; row++) {
      const score = dot(target, this.unitRow(row))
      if ((best.length === topK && score <= floor) || excluded.has(row)) continue
      let at = best.length
      while (at > 0 && best[at - 1]!.score < score) at--
      best.splice(at, 0, { row, score })
      if (best.length > topK) best.pop()
      floor = best[best.length - 1]!.score
    }
    return best.map(({ row, score }) => ({ word: this.words[row]!, score }))
  }

  private row(word: string): number {
    const row = this.rows.get(word)
    if (row === undefined)
      throw new NotFoundError('word', word, `The vocabulary has ${this.words.length} words; this is not one of them.`)
    return row
  }

  private unitRow(row: number): Float32Array {
    this.unitRows ??= unitRowsOf(this.vectors)
    const { columns } = this.vectors
    return this.unitRows.subarray(row * columns, (row + 1) * columns)
  }
}

function unitRowsOf(matrix: Matrix): Float32Array {
  const { rows, columns } = matrix
  const units = matrix.data.slice()
  for (let row = 0; row < rows; row++) {
    const values = units.subarray(row * columns, (row + 1) * columns)
    const length = Math.sqrt(dot(values, values))
    if (length > 0) for (let d = 0; d < columns; d++) values[d] = values[d]! / length
  }
  return units
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!
  return sum
}
