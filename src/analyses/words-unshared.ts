import { contentTerms } from '../text/content-terms.ts'
import { mergeWordForms } from '../text/word-forms.ts'

/**
 * How much of each text its neighbours don't talk about: of its words, the rare ones counting more, the share that they
 * don't use. What is near in meaning and on the same matter shares words; what is near only for want of anything nearer
 * doesn't.
 *
 * @param texts - One a row. Stop words are left out, forms of a word count as one.
 * @param neighbours.ids - Rows of the neighbours of each row, `texts × neighbours.k`, of which the first `counted` count.
 * @returns In [0, 1], 1 where no neighbour uses any of its words; NaN for a text without content words.
 *
 * Cost: O(words · counted).
 */
export function wordsUnshared(
  texts: readonly string[],
  neighbours: { readonly k: number; readonly ids: Int32Array },
  counted: number,
): Float64Array {
  const { words, texts: frequencies } = numbered(texts)
  const rarity = frequencies.map((count) => Math.log(texts.length / (count - 0.5)))
  return Float64Array.from(words, (own, row) => {
    let [all, unshared] = [0, 0]
    for (const word of own) {
      let using = 0
      for (let rank = 0; rank < counted; rank++)
        if (words[neighbours.ids[row * neighbours.k + rank] as number]?.has(word)) using++
      const weight = rarity[word] as number
      all += weight
      unshared += weight * (1 - using / counted)
    }
    return unshared / all
  })
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
