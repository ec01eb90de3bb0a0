import { basename, resolve } from 'node:path'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { requireStaticFolder, type StaticFolder } from './static-folder.ts'

/**
 * Open a static model: a Model2Vec folder, or a sentence-transformers folder with StaticEmbedding.
 *
 * A text's vector is the mean of its known tokens' rows, each times its weight, of unit length where the folder says so.
 * A mean has no window, so texts of any length are embedded whole, unless the folder states `max_length`.
 *
 * @throws {NotFoundError} when the folder holds no static model.
 * @throws {CorruptDataError} when its files do not fit each other.
 *
 * Departs from Model2Vec: it cuts texts at 512 tokens unless told otherwise and gives zeros for a text without any known
 * token; here nothing is cut, and such a text is refused by `embed` (InvalidVectorError with its row).
 */
export async function loadStaticModel(folder: string): Promise<EmbeddingModel> {
  const files = await requireStaticFolder(folder)
  return new StaticModel(files, files.name ?? basename(resolve(folder)))
}

/** See `loadStaticModel`. */
export class StaticModel implements EmbeddingModel {
  readonly cost = 'negligible'
  readonly passport: Passport
  readonly limits: ModelLimits
  private readonly files: StaticFolder
  private readonly tokenizer: Tokenizer

  constructor(files: StaticFolder, name: string) {
    this.files = files
    this.tokenizer = files.tokenizer
    this.passport = {
      provider: 'vecino',
      model: name,
      weightsDigest: files.weightsDigest,
      tokenizerDigest: files.tokenizerDigest,
      dimensions: files.dimensions,
      pooling: 'mean',
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
    return this.tokenizer.count(text)
  }

  async embed(texts: readonly string[], options: EmbedCallOptions): Promise<Embeddings> {
    const { dimensions, normalize } = this.files
    const vectors = createMatrix(texts.length, dimensions, undefined, this.passport)
    const sum = new Float64Array(dimensions)
    let tokens = 0
    for (let row = 0; row < texts.length; row++) {
      if ((row & 1023) === 0) options.signal?.throwIfAborted()
      const ids = this.tokenizer.encode(texts[row] as string)
      if (ids.length > this.limits.tokensPerText)
        throw new InvalidArgumentError(
          `texts[${row}]`,
          `at most ${this.limits.tokensPerText} tokens`,
          ids.length,
          splitIt,
        )
      tokens += ids.length
      const known = this.addRows(ids, sum)
      const scale = scaleOf(sum, known, normalize)
      if (scale === 0)
        throw new InvalidVectorError(`texts[${row}]`, 'a text with at least one known token', 'none', {
          row,
          remedy: 'The model has no meaning for it: leave it out, or choose a model that knows its language or signs.',
        })
      const from = row * dimensions
      for (let column = 0; column < dimensions; column++) {
        vectors.data[from + column] = (sum[column] as number) * scale
        sum[column] = 0
      }
    }
    return { vectors, usage: { tokens } }
  }

  /** Add the weighted rows of the known tokens to `sum`; returns how many there were. */
  private addRows(ids: Int32Array, sum: Float64Array): number {
    const { table, dimensions, rowOfToken, weights } = this.files
    const { unknownId } = this.tokenizer
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

const splitIt = 'Split it into passages first: nothing is cut silently.'

/** 1 / norm or 1 / count; 0 when there is nothing to scale. */
function scaleOf(sum: Float64Array, known: number, normalize: boolean): number {
  let squares = 0
  for (const value of sum) squares += value * value
  if (known === 0 || squares === 0) return 0
  return normalize ? 1 / Math.sqrt(squares) : 1 / known
}
