import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { NotFoundError } from '../../spec/errors.ts'
import { HeldOut } from './held-out.ts'
import type { Recipe } from './recipe.ts'

export interface TrainingData {
  /** Every line of a length the teacher reads; it reads the first `keep.length`, and those flagged are trained on. */
  readonly candidates: readonly string[]
  readonly keep: Uint8Array
  readonly pairs: readonly { readonly name: string; readonly a: readonly string[]; readonly b: readonly string[] }[]
  /** Every text there is, for counting words. */
  readonly all: readonly string[]
  /** What was left out, by rule. */
  readonly removed: { readonly exact: number; readonly near: number; readonly emptyOrEqualPairs: number }
}

/** Read the texts and pairs of a recipe and take out whatever equals or nearly equals a held-out text. */
export async function readTrainingData(recipe: Recipe, dataFolder: string): Promise<TrainingData> {
  const lines: string[] = []
  for (const path of recipe.texts) for (const line of await readLines(join(dataFolder, path))) lines.push(line)
  const heldOut: string[] = []
  for (const path of recipe.heldOut)
    for (const record of await readRecords(join(dataFolder, path))) {
      for (const key of ['a', 'b', 'text', 'anchor', 'positive', 'negative'])
        if (typeof record[key] === 'string') heldOut.push(record[key])
    }

  const { minLength, maxLength, count } = recipe.teacherTexts
  const candidates = lines.filter((line) => line.length >= minLength && line.length <= maxLength)
  const held = new HeldOut(heldOut)
  const first = held.check(candidates.slice(0, count))
  const removed = { exact: first.exact, near: first.near, emptyOrEqualPairs: 0 }
  const pairs: { name: string; a: string[]; b: string[] }[] = []
  const all = [...lines]
  for (const path of recipe.pairs) {
    const records = await readRecords(join(dataFolder, path))
    const a = records.map((record) => String(record['a']))
    const b = records.map((record) => String(record['b']))
    for (let i = 0; i < a.length; i++) all.push(a[i] as string, b[i] as string)
    const [checkedA, checkedB] = [held.check(a), held.check(b)]
    removed.exact += checkedA.exact + checkedB.exact
    removed.near += checkedA.near + checkedB.near
    const kept = a.map((_, i) => i).filter((i) => checkedA.keep[i] === 1 && checkedB.keep[i] === 1)
    const told = kept.filter((i) => a[i]!.trim() !== '' && b[i]!.trim() !== '' && a[i] !== b[i])
    removed.emptyOrEqualPairs += kept.length - told.length
    pairs.push({ name: path, a: told.map((i) => a[i]!), b: told.map((i) => b[i]!) })
  }
  return { candidates, keep: first.keep, pairs, all, removed }
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
