/** Words that say most about a text and are looked for in the others. */
const wordsAText = 30
const k1 = 1.2
const b = 0.75

/** How alike texts are by their words alone. */
export interface WordsAlike {
  /** Texts that share a distinctive word with text `row`, itself excluded, best first; score 1 is the text itself. */
  nearest(row: number, topK: number): { readonly row: number; readonly score: number }[]
}

/**
 * What is related by words alone: each text asks for its 30 most distinctive words (by tf · idf), the others answer by BM25.
 *
 * @param texts - Any strings; words are runs of letters and digits in lower case.
 * @param isIgnored - Words that say nothing about the topic.
 *
 * Cost: one pass over the texts; a query reads the lists of its words.
 * Source: Robertson & Zaragoza 2009, k1 = 1.2, b = 0.75.
 */
export function wordsAlike(texts: readonly string[], isIgnored: (word: string) => boolean = () => false): WordsAlike {
  const lists = new Map<string, { rows: number[]; counts: number[] }>()
  const counts = texts.map((text, row) => {
    const own = new Map<string, number>()
    for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{M}\p{N}]+/gu))
      if (word.length > 1 && !isIgnored(word)) own.set(word, (own.get(word) ?? 0) + 1)
    for (const [word, count] of own) {
      const list = lists.get(word) ?? { rows: [], counts: [] }
      lists.set(word, list)
      list.rows.push(row)
      list.counts.push(count)
    }
    return own
  })
  const lengths = counts.map((own) => [...own.values()].reduce((sum, count) => sum + count, 0))
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length)
  const idf = (word: string) => {
    const texts = lists.get(word)?.rows.length ?? 0
    return Math.log(1 + (counts.length - texts + 0.5) / (texts + 0.5))
  }
  const weight = (count: number, row: number) =>
    (count * (k1 + 1)) / (count + k1 * (1 - b + (b * (lengths[row] as number)) / mean))

  return {
    nearest(row, topK) {
      const asked = [...(counts[row] as Map<string, number>)]
        .map(([word, count]) => ({ word, weight: count * idf(word) }))
        .sort((x, y) => y.weight - x.weight || (x.word < y.word ? -1 : 1))
        .slice(0, wordsAText)
      const scores = new Map<number, number>()
      for (const { word } of asked) {
        const rarity = idf(word)
        const { rows, counts: own } = lists.get(word) as { rows: number[]; counts: number[] }
        for (const [at, other] of rows.entries())
          scores.set(other, (scores.get(other) ?? 0) + rarity * weight(own[at] as number, other))
      }
      const best = scores.get(row) ?? 1
      scores.delete(row)
      return [...scores]
        .map(([other, score]) => ({ row: other, score: score / best }))
        .sort((x, y) => y.score - x.score || x.row - y.row)
        .slice(0, topK)
    },
  }
}
