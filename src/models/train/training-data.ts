import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createRandom } from '../../kernels/random.ts'
import { NotFoundError } from '../../spec/errors.ts'
import type { Tokenizer } from '../../text/tokenizers/tokenizer.ts'
import type { ChosenRows } from './choose-rows.ts'
import { everydayQuestions } from './everyday-questions.ts'
import { everydaySentences } from './everyday-sentences.ts'
import { HeldOut } from './held-out.ts'
import { keywordsOf } from './keywords.ts'
import { openingsOf, shuffledSentences } from './openings.ts'
import type { Recipe } from './recipe.ts'
import { variantsOf } from './variants.ts'
import { windowsOf } from './windows.ts'

/** Texts of a kind that the teacher reads; those flagged are trained on. */
export interface TaughtTexts {
  readonly kind: string
  readonly texts: readonly string[]
  readonly keep: Uint8Array
  /** How often an epoch reads each of them. */
  readonly times: number
}

/** What a recipe names, as it stands in the data folder. */
export interface Sources {
  readonly lines: readonly string[]
  readonly pairs: readonly { readonly a: readonly string[]; readonly b: readonly string[] }[]
  readonly requests: readonly string[]
  readonly heldOut: HeldOut
  /** Every text there is, for counting words. */
  readonly all: readonly string[]
}

/** What was left out, by rule. */
export interface Removed {
  exact: number
  near: number
  emptyOrEqualPairs: number
}

export async function readSources(recipe: Recipe, dataFolder: string): Promise<Sources> {
  const lines: string[] = []
  for (const path of recipe.texts) for (const line of await readLines(join(dataFolder, path))) lines.push(line)
  const held: string[] = []
  for (const path of recipe.heldOut)
    for (const record of await readRecords(join(dataFolder, path)))
      for (const key of ['a', 'b', 'text', 'anchor', 'positive', 'negative'])
        if (typeof record[key] === 'string') held.push(record[key])
  const all = [...lines]
  const pairs: { a: string[]; b: string[] }[] = []
  for (const path of recipe.pairs) {
    const records = await readRecords(join(dataFolder, path))
    const [a, b] = [records.map((record) => String(record['a'])), records.map((record) => String(record['b']))]
    pairs.push({ a, b })
    for (let i = 0; i < a.length; i++) all.push(a[i] as string, b[i] as string)
  }
  const requests: string[] = []
  for (const path of recipe.requests)
    for (const { text } of await readRecords(join(dataFolder, path))) requests.push(String(text))
  for (const text of requests) all.push(text)
  return { lines, pairs, requests, heldOut: new HeldOut(held), all }
}

/** Pairs without any text that equals or nearly equals a held-out one, and without empty or equal ones. */
export function usablePairs({ pairs, heldOut }: Sources, removed: Removed): { a: string[]; b: string[] }[] {
  return pairs.map(({ a, b }) => {
    const [checkedA, checkedB] = [heldOut.check(a), heldOut.check(b)]
    removed.exact += checkedA.exact + checkedB.exact
    removed.near += checkedA.near + checkedB.near
    const kept = a.map((_, i) => i).filter((i) => checkedA.keep[i] === 1 && checkedB.keep[i] === 1)
    const told = kept.filter((i) => a[i]!.trim() !== '' && b[i]!.trim() !== '' && a[i] !== b[i])
    removed.emptyOrEqualPairs += kept.length - told.length
    return { a: told.map((i) => a[i]!), b: told.map((i) => b[i]!) }
  })
}

/**
 * What the teacher is to read, kind by kind; what equals or nearly equals a held-out text is flagged not to be trained on.
 *
 * @param teacher - The teacher's tokenizer, whose pieces openings are counted in.
 * @param rows - Rows of the table: windows are chosen so that each is met.
 */
export function taughtTexts(
  sources: Sources,
  recipe: Recipe,
  teacher: Tokenizer,
  rows: ChosenRows,
  removed: Removed,
): { taught: TaughtTexts[]; wanting: number } {
  const kinds = recipe.teacherTexts
  const { seed } = recipe
  const taught: TaughtTexts[] = []
  const teach = (kind: string, texts: readonly string[], times = 1): string[] => {
    const { keep, exact, near } = sources.heldOut.check(texts)
    removed.exact += exact
    removed.near += near
    taught.push({ kind, texts, keep, times })
    return texts.filter((_, i) => keep[i] === 1)
  }
  teach('requests', [...new Set(sources.requests)], kinds.requests.times)
  teach('questions', everydayQuestions(kinds.questions.count, seed), kinds.questions.times)
  teach('everyday', everydaySentences(kinds.everyday.count, seed), kinds.everyday.times)
  const ofPairs = teach('pairs', pairTexts(sources.pairs, kinds.pairs, seed).slice(0, kinds.pairs.count))
  // Only texts that may be trained on are varied: a part of a held-out text need not be near it.
  teach('variants', variantsOf(ofPairs, kinds.variants.count, seed))
  const usable = sources.heldOut.check(sources.lines).keep
  const sentences = shuffledSentences(sources.lines.filter((_, i) => usable[i] === 1))
  const { openings, keywords } = kinds
  const ends = [openings.count, openings.count + kinds.sentences.count]
  teach('openings', openingsOf(sentences.slice(0, ends[0]), teacher, openings.pieces))
  teach('sentences', sentences.slice(ends[0], ends[1]))
  const { tokenizer, phrases, counts } = rows
  teach('keywords', keywordsOf(sentences.slice(ends[1]), tokenizer, counts, keywords))
  const before = taught.map(({ texts }) => rows.lists(texts))
  const { windows, wanting } = windowsOf(sentences, tokenizer, phrases, before, kinds.windows)
  teach('windows', windows)
  return { taught, wanting }
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
