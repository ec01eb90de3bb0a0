import { type CompareTextsOptions, compareTexts as compare, type TextComparison } from './core/compare-texts.ts'
import { namedModel } from './registry.ts'
import type { EmbeddingModel } from './spec/model.ts'

export type { TextComparison }

/**
 * Compare texts with each other; see `TextComparison` for what comes back.
 *
 * @param texts - From 2 to 5,000.
 * @param options.model - As for `embed`. @default 'starter'
 * @param options.metric - `cosine`, `ip` or `l2`. @default 'cosine'
 * @throws {InvalidArgumentError} for fewer or more texts, or one longer than the model's window.
 * @throws {InvalidVectorError} for a text the model knows no token of, naming its row.
 *
 * Cost: the model's for the texts and some 100 short ones; O(texts² · dimensions).
 */
export async function compareTexts(
  texts: readonly string[],
  options: CompareTextsOptions & { readonly model?: string | EmbeddingModel | undefined } = {},
): Promise<TextComparison> {
  const { model = 'starter', ...rest } = options
  if (typeof model !== 'string') return compare(model, texts, rest)
  const loaded = await namedModel(model)
  try {
    return await compare(loaded, texts, rest)
  } finally {
    await loaded.close?.()
  }
}
