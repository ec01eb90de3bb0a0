import type { EmbeddingModel } from '../spec/model.ts'

/** A model with an `embed` of its own around that of `model`, and all else as `model` has it. */
export function wrapModel(
  model: EmbeddingModel,
  own: Pick<EmbeddingModel, 'embed'> & Partial<Pick<EmbeddingModel, 'passport'>>,
): EmbeddingModel {
  return {
    passport: model.passport,
    limits: model.limits,
    cost: model.cost,
    tariff: model.tariff,
    countsExactly: model.countsExactly,
    countTokens: (text) => model.countTokens(text),
    close: async () => model.close?.(),
    ...own,
  }
}
