import { createRandom } from '../../kernels/random.ts'

const fewestWords = 5
const mostWords = 16

/**
 * Texts that differ little from given ones: a run of a text's words, and the text with one word of another text in place of
 * one of its own. The teacher's answers to these tell what a word changes in text of every kind.
 *
 * @param texts - Those of 5 to 16 words are varied, from the first on.
 * @param count - How many at most, each once and none of them among `texts`.
 * @returns the same variants for the same seed.
 */
export function variantsOf(texts: readonly string[], count: number, seed: number): string[] {
  const random = createRandom(seed).fork('variants')
  const known = new Set(texts)
  const variants = new Set<string>()
  let before: string[] = []
  for (const text of texts) {
    if (variants.size >= count) break
    const words = text.split(' ')
    if (words.length < fewestWords || words.length > mostWords) continue
    const length = Math.ceil(words.length * (0.4 + 0.4 * random.float64()))
    const from = random.below(words.length - length + 1)
    const other = words.slice()
    const at = random.below(words.length)
    if (before.length > 0) other[at] = before[random.below(before.length)]!
    for (const variant of [words.slice(from, from + length).join(' '), other.join(' ')])
      if (variants.size < count && !known.has(variant)) variants.add(variant)
    before = words
  }
  return [...variants]
}
