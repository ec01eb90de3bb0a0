import { cosineSimilarity } from '../kernels/compare.ts'
import { PassportMismatchError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Store } from '../spec/store.ts'
import type { UsageMeter } from '../spec/usage.ts'
import { keepSetting } from './background.ts'
import { embedMany } from './embed-many.ts'
import { wrapModel } from './wrapped-model.ts'

/** Of several lengths, kinds and scripts, so that a change of weights, pooling, prompt or tokenizer shows in some of them. */
const canaryTexts = [
  'The cat sat on the mat.',
  'How do I return an item I bought last month?',
  'function add(a, b) { return a + b }',
  'Der schnelle braune Fuchs springt über den faulen Hund.',
  '2024-05-17 14:03 ERROR connection refused',
  'Photosynthesis turns light, water and carbon dioxide into sugar and oxygen; it takes place in the chloroplasts of plants.',
  'cheap flights to Lisbon',
  '東京は日本の首都です。',
] as const

/** Other batch sizes, threads and runtimes move a cosine by some 1e-5; other weights by far more than this. */
const leastCosine = 0.999
const settingName = 'canary'

/**
 * The same model, which before its first answer shows that it still gives the canary texts the vectors they had when the
 * collection was begun: a name may come to stand for other weights without any number in the passport changing.
 * Models of negligible cost are known by the digest of their weights and are returned as they are.
 *
 * @throws {PassportMismatchError} on the first `embed`, when a canary text's vector has moved; nothing is embedded then.
 */
export function withCanary(model: EmbeddingModel, store: Store): EmbeddingModel {
  if (model.cost === 'negligible') return model
  let checked: Promise<void> | undefined
  return wrapModel(model, {
    async embed(texts, options) {
      checked ??= check(model, store, options.meter)
      try {
        await checked
      } catch (error) {
        // A network failure must not condemn the model for good.
        checked = undefined
        throw error
      }
      return model.embed(texts, options)
    },
  })
}

async function check(model: EmbeddingModel, store: Store, meter: UsageMeter | undefined): Promise<void> {
  const { vectors } = await embedMany(canaryTexts, { model, task: 'document', meter })
  const kept = (await store.setting(settingName)) as number[] | undefined
  if (kept === undefined) return keepSetting(store, settingName, Array.from(vectors.data))
  const before: Matrix = createMatrix(vectors.rows, vectors.columns, Float32Array.from(kept))
  const moved = canaryTexts.flatMap((_, i) => {
    const cosine = cosineSimilarity(rowOf(before, i), rowOf(vectors, i))
    return cosine >= leastCosine
      ? []
      : [{ field: `canary text ${i + 1}`, here: 'cosine 1', there: `cosine ${cosine.toFixed(4)}` }]
  })
  if (moved.length > 0)
    throw new PassportMismatchError(
      `${store.place} and ${model.passport.model}`,
      moved,
      'The model behind this name has changed. Open the collection with the model that made it, or make a new one.',
    )
}
