import { assertKnownOptions } from './core/options.ts'
import type { Transformer } from './models/transformer-model.ts'
import type { WordUse } from './models/word-use.ts'
import { namedModel } from './registry.ts'
import { UnsupportedError } from './spec/errors.ts'
import type { Matrix } from './spec/matrix.ts'
import type { EmbeddingModel } from './spec/model.ts'

export type { WordUse } from './models/word-use.ts'

export interface EmbedWordsOptions {
  /** A local transformer: the path of its folder, a pulled model's name, or the model itself. */
  readonly model: string | EmbeddingModel
  readonly signal?: AbortSignal | undefined
}

/**
 * The vector of each word where it stands, so that "bank" by the river and at the teller differ: the mean of the last hidden
 * states of the word's tokens, of unit length.
 *
 * @returns one row a use. Compare these rows with each other only: they are not vectors of texts, and their passport says so.
 * @throws {NotFoundError} when a text does not hold its word.
 * @throws {UnsupportedError} for a model that has no states of tokens: static and hosted ones.
 *
 * Cost: one run of the model a use.
 */
export async function embedWords(uses: readonly WordUse[], options: EmbedWordsOptions): Promise<Matrix> {
  assertKnownOptions(options, ['model', 'signal'], 'embedWords')
  const { model: given, signal } = options
  const model = typeof given === 'string' ? await namedModel(given) : given
  try {
    if (!isTransformer(model))
      throw new UnsupportedError(
        'options.model',
        'a local transformer, which has a vector for each word in its place',
        `${model.passport.provider}/${model.passport.model}`,
        'Name one, such as all-MiniLM-L6-v2 after `vecino pull all-MiniLM-L6-v2`.',
      )
    return await model.embedWords(uses, { signal })
  } finally {
    if (typeof given === 'string') await model.close?.()
  }
}

function isTransformer(model: EmbeddingModel): model is Transformer {
  return 'embedWords' in model
}
