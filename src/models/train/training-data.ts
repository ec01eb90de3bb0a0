import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createRandom } from '../../kernels/random.ts'
import { NotFoundError } from '../../spec/errors.ts'
import type { Tokenizer } from '../../text/tokenizers/tokenizer.ts'
import { everydayQuestions } from './everyday-questions.ts'
import { everydaySentences } from './everyday-sentences.ts'
import { HeldOut } from './held-out.ts'
import { openingsOf, shuffledSentences } from './openings.ts'
import type { Recipe } from './recipe.ts'
import { variantsOf } from './variants.ts'

/** Every text of a kind that the teacher may read; it reads the first `keep.length`, and those flagged are trained on. */
export interface TaughtTexts {
  readonly kind: string
  readonly candidates: readonly string[]
  readonly keep: Uint8Array
}

export interface TrainingData {
  readonly taught: readonly TaughtTexts[]
  readonly pairs: readonly { readonly name: string; readonly a: readonly string[]; readonly b: readonly string[] }[]
  /** Every text there is, for counting words. */
  readonly all: readonly string[]
  /** What was left out, by rule. */
  readonly removed: { readonly exact: number; readonly near: number; readonly emptyOrEqualPairs: number }
}

/**
 * Read the texts and pairs of a recipe and take out whatever equals or nearly equals a held-out text.
 *
 * @param teacher - The teacher's tokenizer, whose pieces openings are counted in.
 */
export async function readTrainingData(recipe: Recipe, dataFolder: string, teacher: Tokenizer): Promise<TrainingData> {
  const lines: string[] = []
  for (const path of recipe.texts) for (const line of await readLines(join(dataFolder, path))) lines.push(line)
  const heldOut: string[] = []
  for (const path of recipe.heldOut)
    for (const record of await readRecords(join(dataFolder, path))) {
      for (const key of ['a', 'b', 'text', 'anchor', 'positive', 'negative'])
        if (typeof record[key] === 'string') heldOut.push(record[key])
    }

  const held = new HeldOut(heldOut)
  const removed = { exact: 0, near: 0, emptyOrEqualPairs: 0 }
  const unfiltered: { a: string[]; b: string[] }[] = []
  const pairs: { name: string; a: string[]; b: string[] }[] = []
  const all = [...lines]
  for (const path of recipe.pairs) {
    const records = await readRecords(join(dataFolder, path))
    const a = records.map((record) => String(record['a']))
    const b = records.map((record) => String(record['b']))
    unfiltered.push({ a, b })
    for (let i = 0; i < a.length; i++) all.push(a[i] as string, b[i] as string)
    const [checkedA, checkedB] = [held.check(a), held.check(b)]
    removed.exact += checkedA.exact + checkedB.exact
    removed.near += checkedA.near + checkedB.near
    const kept = a.map((_, i) => i).filter((i) => checkedA.keep[i] === 1 && checkedB.keep[i] === 1)
    const told = kept.filter((i) => a[i]!.trim() !== '' && b[i]!.trim() !== '' && a[i] !== b[i])
    removed.emptyOrEqualPairs += kept.length - told.length
    pairs.push({ name: path, a: told.map((i) => a[i]!), b: told.map((i) => b[i]!) })
  }
  const requests: string[] = []
  for (const path of recipe.requests)
    for (const { text } of await readRecords(join(dataFolder, path))) requests.push(String(text))
  for (const text of requests) all.push(text)

  const kinds = recipe.teacherTexts
  const taught: TaughtTexts[] = []
  const teach = (kind: string, candidates: readonly string[], count: number): string[] => {
    const { keep, exact, near } = held.check(candidates.slice(0, count))
    removed.exact += exact
    removed.near += near
    taught.push({ kind, candidates, keep })
    return candidates.filter((_, i) => keep[i] === 1)
  }
  const distinct = [...new Set(requests)]
  teach('requests', distinct, distinct.length)
  teach('questions', everydayQuestions(kinds.questions.count, recipe.seed), kinds.questions.count)
  teach('everyday', everydaySentences(kinds.everyday.count, recipe.seed), kinds.everyday.count)
  const ofPairs = teach('pairs', pairTexts(unfiltered, kinds.pairs, recipe.seed), kinds.pairs.count)
  // Only texts that may be trained on are varied: a part of a held-out text need not be near it.
  teach('variants', variantsOf(ofPairs, kinds.variants.count, recipe.seed), kinds.variants.count)
  const sentences = shuffledSentences(lines).slice(0, kinds.openings.count)
  teach('openings', openingsOf(sentences, teacher, kinds.openings.pieces), kinds.openings.count)
  return { taught, pairs, all, removed }
}

/**
 * The short texts of the pairs, each once, shuffled, so that any first part of them has some of every kind.
 *
 * @returns texts whose length in UTF-16 units is within the bounds; held-out ones are still among them.
 */
function pairTexts(
  pairs: readonly { readonly a: readonly string[]; readonly b: readonly string[] }[],
  bounds: { readonly minLength: number; readonly maxLength: number },
  seed: number,
): string[] {
  const texts = new Set<string>()
  for (const { a, b } of pairs)
    for (const text of [...a, ...b])
      if (text.length >= bounds.minLength && text.length <= bounds.maxLength) texts.add(text)
  return createRandom(seed)
    .fork('pair texts')
    .shuffle([...texts])
}

async function readLines(path: string): Promise<string[]> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new NotFoundError('training data', path, `Pass the folder that holds it by --data. (${String(cause)})`)
  }
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text.split('\n').filter((line) => line !== '')
}

async function readRecords(path: string): Promise<Record<string, unknown>[]> {
  return (await readLines(path)).map((line) => JSON.parse(line))
}
