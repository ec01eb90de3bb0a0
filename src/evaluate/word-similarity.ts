import type { WordVectors } from '../kernels/word-vectors.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { spearman } from './spearman.ts'

/** Two words and how alike people find them, on any scale. */
export interface WordPair {
  readonly a: string
  readonly b: string
  readonly score: number
}

export interface WordSimilarity {
  /** Spearman's ρ of the cosines and people's scores; NaN below two known pairs. */
  readonly correlation: number
  readonly asked: number
  /** Pairs with a word that is not in the vocabulary. */
  readonly skipped: number
}

/**
 * Pairs as JSON lines `{ "a", "b", "score" }`, or as words and a number with tabs or commas between.
 *
 * @throws {InvalidArgumentError} naming the line that is neither.
 */
export function parseWordPairs(text: string): WordPair[] {
  const pairs: WordPair[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const pair = line.trimStart().startsWith('{') ? fromJson(line) : fromColumns(line)
    if (pair === undefined) throw new InvalidArgumentError(`pairs, line ${i + 1}`, 'two words and a number', line)
    pairs.push(pair)
  }
  return pairs
}

/**
 * How far the vectors find alike what people find alike.
 *
 * @param options.caseInsensitive - Compare words in lower case; of words equal then, the first counts. @default true
 */
export function wordSimilarity(
  vectors: WordVectors,
  pairs: readonly WordPair[],
  { caseInsensitive = true }: { readonly caseInsensitive?: boolean } = {},
): WordSimilarity {
  const spell = (word: string) => (caseInsensitive ? word.toLowerCase() : word)
  const known = new Map<string, string>()
  for (const word of vectors.words) if (!known.has(spell(word))) known.set(spell(word), word)
  const cosines: number[] = []
  const scores: number[] = []
  for (const { a, b, score } of pairs) {
    const [first, second] = [known.get(spell(a)), known.get(spell(b))]
    if (first === undefined || second === undefined) continue
    cosines.push(vectors.similarity(first, second))
    scores.push(score)
  }
  const asked = cosines.length
  return { correlation: asked < 2 ? Number.NaN : spearman(cosines, scores), asked, skipped: pairs.length - asked }
}

function fromJson(line: string): WordPair | undefined {
  try {
    const { a, b, score } = JSON.parse(line)
    return typeof a === 'string' && typeof b === 'string' && Number.isFinite(score) ? { a, b, score } : undefined
  } catch {
    return undefined
  }
}

function fromColumns(line: string): WordPair | undefined {
  const [a = '', b = '', number = ''] = line.split(/[\t,;]/).map((part) => part.trim())
  const score = number === '' ? Number.NaN : Number(number)
  return a !== '' && b !== '' && Number.isFinite(score) ? { a, b, score } : undefined
}
