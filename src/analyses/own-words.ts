import { contentTerms } from '../text/content-terms.ts'
import { mergeWordForms } from '../text/word-forms.ts'
import { quantileAt } from './upper-tail.ts'

export interface OwnWords {
  /**
   * Of each text: of its words, the rare ones counting more, the share that its neighbours don't use. In [0, 1], 1 where no
   * neighbour uses any of its words.
   */
  readonly unshared: Float64Array
  /** Of each text: how rare its words are among all texts, mean of ln(texts / texts that use it, less a half), drawn to what is usual where words are few. */
  readonly rarity: Float64Array
}

/** A mean of few words is mostly chance: so many usual ones are counted with each text. */
const usualWords = 2

/**
 * How far each text has words of its own. What is near in meaning and on the same matter shares words; what is near only
 * for want of anything nearer doesn't, and what is foreign to all has words that hardly any other uses.
 *
 * @param texts - One a row. Stop words are left out, forms of a word count as one.
 * @param neighbours.ids - Rows of the neighbours of each row, `texts × neighbours.k`, of which the first `counted` count.
 * @returns NaN in both for a text without content words.
 *
 * Cost: O(words · counted).
 * Source: rarity is the inverse document frequency (Spärck Jones 1972).
 */
export function ownWords(
  texts: readonly string[],
  neighbours: { readonly k: number; readonly ids: Int32Array },
  counted: number,
): OwnWords {
  const { words, texts: frequencies } = numbered(texts)
  const rarityOf = frequencies.map((count) => Math.log(texts.length / (count - 0.5)))
  const sums = new Float64Array(texts.length)
  const unshared = Float64Array.from(words, (own, row) => {
    let lacked = 0
    for (const word of own) {
      let using = 0
      for (let rank = 0; rank < counted; rank++)
        if (words[neighbours.ids[row * neighbours.k + rank] as number]?.has(word)) using++
      const weight = rarityOf[word] as number
      sums[row] = (sums[row] as number) + weight
      lacked += weight * (1 - using / counted)
    }
    return lacked / (sums[row] as number)
  })
  const countOf = (row: number) => (words[row] as Set<number>).size
  const means = sums.map((sum, row) => sum / countOf(row)).filter((mean) => !Number.isNaN(mean))
  const usual = means.length === 0 ? 0 : quantileAt(means.sort(), 0.5)
  const rarity = sums.map((sum, row) =>
    countOf(row) === 0 ? Number.NaN : (sum + usualWords * usual) / (countOf(row) + usualWords),
  )
  return { unshared, rarity }
}

/** The different words of each text as numbers, and of each word in how many texts it is. */
function numbered(texts: readonly string[]): { words: Set<number>[]; texts: number[] } {
  const spoken = contentTerms(texts).map((terms) => new Set(terms.filter((term) => term !== undefined)))
  const counts = new Map<string, number>()
  for (const terms of spoken) for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  const formOf = mergeWordForms(counts)
  const numbers = new Map<string, number>()
  const held: number[] = []
  const words = spoken.map((terms) => {
    const own = new Set<number>()
    for (const term of terms) {
      const form = formOf.get(term) as string
      const number = numbers.get(form) ?? numbers.size
      numbers.set(form, number)
      own.add(number)
    }
    for (const number of own) held[number] = (held[number] ?? 0) + 1
    return own
  })
  return { words, texts: held }
}
