import { Phrases, pairKey, pairOf } from '../phrases.ts'
import type { TokenLists } from './token-lists.ts'

/** Marks between words part a text; those within words belong to them. */
const hasWord = /[\p{L}\p{N}'’-]/u

/** Pairs met less often are not considered. */
const fewest = 100
/** Counters of the first pass, a power of two; pairs may share one, which only lets a rare pair into the second. */
const counters = 1 << 24

/**
 * The pairs of neighbouring tokens that say most together: count · (log(count · all / (first · second)) − 1), the greatest first.
 *
 * @param tokens - By id. Of punctuation only apostrophes and hyphens may stand in a phrase.
 * @param count - How many at most; ties by the tokens' ids.
 */
export function choosePhrases(lists: TokenLists, tokens: readonly string[], count: number): Phrases {
  const isWord = tokens.map((token) => hasWord.test(token))
  const single = new Float64Array(tokens.length)
  for (const id of lists.ids) single[id] = single[id]! + 1
  const roughly = new Uint32Array(counters)
  eachPair(lists, (first, second) => {
    roughly[slotOf(first, second)]!++
  })
  const counts = new Map<number, number>()
  eachPair(lists, (first, second) => {
    if (roughly[slotOf(first, second)]! < fewest) return
    const key = pairKey(first, second)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  })
  const scored: { key: number; score: number }[] = []
  for (const [key, both] of counts) {
    const [first, second] = pairOf(key)
    const score = both * (Math.log((both * lists.ids.length) / (single[first]! * single[second]!)) - 1)
    if (both >= fewest && score > 0 && isWord[first] && isWord[second]) scored.push({ key, score })
  }
  scored.sort((a, b) => b.score - a.score || a.key - b.key)
  return new Phrases(Uint16Array.from(scored.slice(0, count).flatMap(({ key }) => pairOf(key))))
}

function slotOf(first: number, second: number): number {
  return (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) & (counters - 1)
}

function eachPair({ ids, starts, count }: TokenLists, visit: (first: number, second: number) => void): void {
  for (let text = 0; text < count; text++)
    for (let i = starts[text]! + 1; i < starts[text + 1]!; i++) visit(ids[i - 1]!, ids[i]!)
}
