import { basename, resolve } from 'node:path'
import { bestEngine, type Engine } from '../kernels/wasm/features.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { WordPieceTokenizer } from '../text/tokenizers/wordpiece.ts'
import { addInContext } from './context-pooling.ts'
import { unpackTable } from './packed-table.ts'
import { requireStaticFolder, type StaticFolder } from './static-folder.ts'
import { StaticKernel } from './static-kernel.ts'

/**
 * Open a static model: a Model2Vec folder, or a sentence-transformers folder with StaticEmbedding.
 *
 * A text's vector is the mean of its known tokens' rows, each times its weight, of unit length where the folder says so;
 * a folder with `pooling` in vecino.json weighs tokens by their text as well (see `Pooling`), and one with phrases puts their
 * rows in the place of their tokens' (see `Phrases`).
 * A mean has no window, so texts of any length are embedded whole, unless the folder states `max_length`.
 *
 * @throws {NotFoundError} when the folder holds no static model.
 * @throws {CorruptDataError} when its files do not fit each other.
 *
 * Departs from Model2Vec: it cuts texts at 512 tokens unless told otherwise and gives zeros for a text without any known
 * token; here nothing is cut, and such a text is refused by `embed` (InvalidVectorError with its row).
 */
export async function loadStaticModel(folder: string, options: { engine?: Engine } = {}): Promise<EmbeddingModel> {
  const files = await requireStaticFolder(folder)
  return createStaticModel(files, files.name ?? basename(resolve(folder)), options.engine)
}

/** The model over files that are read already. @param engine - `typescript` computes without WASM, the same bits. */
export async function createStaticModel(
  files: StaticFolder,
  name: string,
  engine: Engine = bestEngine(),
): Promise<EmbeddingModel> {
  const { tokenizer } = files
  const hasKernel = engine !== 'typescript' && tokenizer instanceof WordPieceTokenizer
  return new StaticModel(files, name, hasKernel ? await StaticKernel.create(files, tokenizer) : undefined)
}

class StaticModel implements EmbeddingModel {
  readonly cost = 'negligible'
  readonly passport: Passport
  readonly limits: ModelLimits
  private readonly files: StaticFolder
  private readonly tokenizer: Tokenizer
  private readonly kernel: StaticKernel | undefined

  constructor(files: StaticFolder, name: string, kernel: StaticKernel | undefined) {
    this.kernel = kernel
    // The kernel has the table in its own memory: keep one copy.
    this.files = { ...files, table: kernel === undefined ? wholeTable(files) : new Int8Array(0) }
    this.tokenizer = files.tokenizer
    this.passport = {
      provider: 'vecino',
      model: name,
      weightsDigest: files.weightsDigest,
      tokenizerDigest: files.tokenizerDigest,
      dimensions: files.dimensions,
      pooling: files.pooling === undefined ? 'mean' : 'weighted-mean',
      queryPrompt: '',
      documentPrompt: '',
      normalized: files.normalize,
      maxTokens: files.maxTokens,
      dtype: files.dtype,
    }
    this.limits = {
      tokensPerText: files.maxTokens ?? Number.POSITIVE_INFINITY,
      textsPerCall: 4096,
      tokensPerCall: Number.POSITIVE_INFINITY,
      parallelCalls: 1,
    }
  }

  countTokens(text: string): number {
    return this.kernel?.tokenize(text) ?? this.tokenizer.count(text)
  }

  async embed(texts: readonly string[], options: EmbedCallOptions): Promise<Embeddings> {
    const { dimensions } = this.files
    const vectors = createMatrix(texts.length, dimensions, undefined, this.passport)
    const sum = new Float64Array(dimensions)
    let tokens = 0
    for (let row = 0; row < texts.length; row++) {
      if ((row & 1023) === 0) options.signal?.throwIfAborted()
      const output = vectors.data.subarray(row * dimensions, (row + 1) * dimensions)
      tokens +=
        this.kernel === undefined
          ? this.embedOne(texts, row, sum, output)
          : this.embedByKernel(texts, row, this.kernel, output)
    }
    return { vectors, usage: { tokens } }
  }

  private embedByKernel(texts: readonly string[], row: number, kernel: StaticKernel, output: Float32Array): number {
    const count = kernel.tokenize(texts[row] as string)
    this.assertLength(count, row)
    const vector = kernel.vectorOf(count)
    if (vector === undefined) throw unknownText(row)
    output.set(vector)
    return count
  }

  private embedOne(texts: readonly string[], row: number, sum: Float64Array, output: Float32Array): number {
    const ids = this.tokenizer.encode(texts[row] as string)
    this.assertLength(ids.length, row)
    sum.fill(0)
    const scale = scaleOf(sum, this.addRows(ids, sum), this.files.normalize)
    if (scale === 0) throw unknownText(row)
    for (let column = 0; column < sum.length; column++) output[column] = (sum[column] as number) * scale
    return ids.length
  }

  private assertLength(tokens: number, row: number): void {
    if (tokens > this.limits.tokensPerText)
      throw new InvalidArgumentError(`texts[${row}]`, `at most ${this.limits.tokensPerText} tokens`, tokens, splitIt)
  }

  /** Add the weighted rows of the known tokens to `sum`; returns how many there were. */
  private addRows(ids: Int32Array, sum: Float64Array): number {
    const { table, rows, dimensions, packed, rowOfToken, weights, pooling } = this.files
    const { unknownId } = this.tokenizer
    if (pooling !== undefined) {
      let known = ids.filter((id) => id !== unknownId)
      if (packed !== undefined) known = known.subarray(0, packed.phrases.join(known, known.length, rows))
      const offsets = known.map((id) => (rowOfToken === undefined ? id : (rowOfToken[id] as number)) * dimensions)
      addInContext(table as Int8Array, offsets, dimensions, pooling, sum)
      return known.length
    }
    let known = 0
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      if (id === unknownId) continue
      known++
      const from = (rowOfToken === undefined ? id : (rowOfToken[id] as number)) * dimensions
      const weight = weights === undefined ? 1 : (weights[id] as number)
      for (let column = 0; column < dimensions; column++)
        sum[column] = (sum[column] as number) + weight * (table[from + column] as number)
    }
    return known
  }
}

function wholeTable({ table, rows, packed }: StaticFolder): Int8Array | Float32Array {
  return packed === undefined ? table : unpackTable(table as Int8Array, rows, packed)
}

function unknownText(row: number): InvalidVectorError {
  return new InvalidVectorError(`texts[${row}]`, 'a text with at least one known token', 'none', {
    row,
    remedy: 'The model has no meaning for it: leave it out, or choose a model that knows its language or signs.',
  })
}

const splitIt = 'Split it into passages first: nothing is cut silently.'

/** 1 / norm or 1 / count; 0 when there is nothing to scale. */
function scaleOf(sum: Float64Array, known: number, normalize: boolean): number {
  // Four sums when columns go in fours: the order in which the kernel adds them.
  const lanes = sum.length % 4 === 0 ? 4 : 1
  const partial = [0, 0, 0, 0]
  for (let i = 0; i < sum.length; i++) partial[i % lanes] = partial[i % lanes]! + sum[i]! * sum[i]!
  const squares = partial[0]! + partial[2]! + (partial[1]! + partial[3]!)
  if (known === 0 || squares === 0) return 0
  return normalize ? 1 / Math.sqrt(squares) : 1 / known
}
