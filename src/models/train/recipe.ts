import { readFile } from 'node:fs/promises'
import { CorruptDataError, InvalidArgumentError } from '../../spec/errors.ts'
import type { Pooling } from '../context-pooling.ts'

/** Everything that decides a trained table, so that the same recipe, data and teacher give the same bytes. */
export interface Recipe {
  readonly name: string
  readonly seed: number
  /** Columns of the table, a multiple of 8. */
  readonly dimensions: number
  readonly pooling: Pooling
  /** In [0, 1]: see `teacherAxes`. */
  readonly flatten: number
  /** Words that become rows of their own: the most frequent that the teacher's tokenizer splits. */
  readonly words: { readonly count: number; readonly minLength: number }
  /** Pieces seen less often than this in all texts give way to words. */
  readonly minPieceCount: number
  /** Pairs of neighbouring tokens that become rows beside those of their tokens: at most so many. */
  readonly phrases: { readonly count: number }
  /** Lines of text (`.txt.gz`) for the teacher and for counting, by path under the data folder. */
  readonly texts: readonly string[]
  /** What the teacher reads; of the pairs' texts those whose length in UTF-16 units is within the bounds. */
  readonly teacherTexts: {
    readonly pairs: { readonly count: number; readonly minLength: number; readonly maxLength: number }
    /** Texts of pairs, little changed. */
    readonly variants: { readonly count: number }
    /** `times`: how often an epoch reads each of them, integer ≥ 1. */
    readonly requests: { readonly times: number }
    readonly everyday: { readonly count: number; readonly times: number }
    readonly questions: { readonly count: number; readonly times: number }
    /** First pieces of sentences. */
    readonly openings: { readonly count: number; readonly pieces: number }
    readonly sentences: { readonly count: number }
    /** Sentences without the most frequent tokens. */
    readonly keywords: { readonly count: number; readonly common: number; readonly pieces: number }
    /** Surroundings of rows that are met less often than `meetings` in all texts before. */
    readonly windows: { readonly count: number; readonly pieces: number; readonly meetings: number }
  }
  /** Pairs `{a, b}` that belong together (`.jsonl.gz`). */
  readonly pairs: readonly string[]
  /** What people ask of a program, `{text}` (`.jsonl.gz`); other fields, such as labels, are not read. */
  readonly requests: readonly string[]
  /** Texts of development and test sets, none of which may be trained on (`.jsonl.gz`). */
  readonly heldOut: readonly string[]
  /** Tokens of a text that training reads. */
  readonly tokensPerText: number
  readonly regression: {
    readonly epochs: number
    readonly batch: number
    readonly learningRate: number
    readonly cosineWeight: number
    readonly similarityWeight: number
    /** Texts of like meaning that stand together in a batch, so that it holds near cosines too; 1: chance alone. */
    readonly neighbours: number
    /** Meetings after which a row keeps half of what it has learnt, ≥ 0. */
    readonly halfway: number
  }
  readonly contrast: {
    readonly steps: number
    readonly batch: number
    readonly learningRate: number
    readonly temperature: number
    readonly weight: number
    /** Batches of regression beside each batch of pairs, so that the teacher is not forgotten. */
    readonly regressionBatches: number
  }
}

/** @throws {CorruptDataError} when the file is no JSON. @throws {InvalidArgumentError} naming a value out of range. */
export async function readRecipe(path: string): Promise<Recipe> {
  let recipe: Recipe
  try {
    recipe = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new CorruptDataError(path, 'a recipe in JSON', 'another text', { remedy: 'Mend the file.', cause })
  }
  const fractions: [string, unknown, number][] = [
    ['flatten', recipe.flatten, 1],
    ['regression.halfway', recipe.regression?.halfway, Number.POSITIVE_INFINITY],
  ]
  for (const [name, value, most] of fractions)
    if (typeof value !== 'number' || !(value >= 0 && value <= most))
      throw new InvalidArgumentError(name, `a number from 0 to ${most}`, value)
  const positive: [string, unknown][] = [
    ['teacherTexts.requests.times', recipe.teacherTexts?.requests?.times],
    ['teacherTexts.everyday.times', recipe.teacherTexts?.everyday?.times],
    ['teacherTexts.questions.times', recipe.teacherTexts?.questions?.times],
    ['teacherTexts.sentences.count', recipe.teacherTexts?.sentences?.count],
    ['teacherTexts.keywords.count', recipe.teacherTexts?.keywords?.count],
    ['teacherTexts.keywords.common', recipe.teacherTexts?.keywords?.common],
    ['teacherTexts.keywords.pieces', recipe.teacherTexts?.keywords?.pieces],
    ['teacherTexts.windows.count', recipe.teacherTexts?.windows?.count],
    ['teacherTexts.windows.meetings', recipe.teacherTexts?.windows?.meetings],
    ['teacherTexts.windows.pieces', recipe.teacherTexts?.windows?.pieces],
    ['teacherTexts.openings.count', recipe.teacherTexts?.openings?.count],
    ['teacherTexts.openings.pieces', recipe.teacherTexts?.openings?.pieces],
    ['tokensPerText', recipe.tokensPerText],
    ['regression.epochs', recipe.regression?.epochs],
    ['regression.neighbours', recipe.regression?.neighbours],
  ]
  for (const [name, value] of positive)
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw new InvalidArgumentError(name, 'an integer ≥ 1', value)
  for (const [name, value] of [
    ['dimensions', recipe.dimensions],
    ['regression.batch', recipe.regression?.batch],
    ['contrast.batch', recipe.contrast?.batch],
  ] as const)
    if (!Number.isSafeInteger(value) || value < 8 || value % 8 !== 0)
      throw new InvalidArgumentError(name, 'a positive multiple of 8', value)
  return recipe
}
