import { InvalidArgumentError } from '../spec/errors.ts'
import { contentTerms } from '../text/content-terms.ts'
import { mergeWordForms } from '../text/word-forms.ts'

export interface ClusterNamesOptions {
  /** Words and phrases a cluster, integer in [1, 100]. @default 4 */
  readonly terms?: number
}

export interface ClusterTerm {
  /** A word or a phrase of two, in lower case, in its most frequent form. */
  readonly term: string
  /** Larger is more distinctive; comparable within a cluster. */
  readonly score: number
  /** Texts of the cluster that hold it. */
  readonly texts: number
}

export interface ClusterName {
  /** The terms with commas between them; empty where the cluster's texts hold no content word. */
  readonly name: string
  /** Most distinctive first. */
  readonly terms: readonly ClusterTerm[]
}

/** A phrase stands for a word when at least this share of the texts with the word hold the phrase. */
const phraseShare = 0.5
const mostTerms = 100

/**
 * What the texts of each cluster speak about and those of the others don't: its distinctive words and phrases.
 *
 * A term's score in a cluster is p · ln((p + s) / (m + s)): p is the share of the cluster's texts that hold it, m the
 * mean of that share over all clusters (0 where there is one, of which the most frequent words are the name), s one text of
 * an average cluster. Stop words of seven languages are left out;
 * languages written without spaces are cut by dictionary; forms of a word are counted together where both occur.
 *
 * @param texts - One an item. @param labels - Cluster of each item, 0 … clusters − 1; negative ones (noise) are left out.
 * @returns One name a cluster, in the order of the labels; the same whatever the order of the items.
 * @throws {InvalidArgumentError} when there is not one label a text, or an option is out of range.
 *
 * Cost: O(words); a count for each different word and pair of words.
 * Source: c-TF-IDF, Grootendorst 2022 (BERTopic). Departs from it: counts texts, not words, so that one long text
 *   doesn't name a cluster; weighs against the clusters' mean share, so that words of every text fall away with few
 *   clusters too.
 */
export function clusterNames(
  texts: readonly string[],
  labels: ArrayLike<number>,
  options: ClusterNamesOptions = {},
): ClusterName[] {
  const { terms: wanted = 4 } = options
  if (labels.length !== texts.length)
    throw new InvalidArgumentError('labels', `${texts.length} labels, one a text`, labels.length)
  if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > mostTerms)
    throw new InvalidArgumentError('options.terms', `an integer from 1 to ${mostTerms}`, wanted)
  const sizes: number[] = []
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (!Number.isSafeInteger(label)) throw new InvalidArgumentError(`labels[${i}]`, 'an integer', label)
    if (label < 0) continue
    while (sizes.length <= label) sizes.push(0)
    sizes[label]!++
  }
  const counts = countTerms(texts, labels, sizes.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const smoothing = sizes.length / Math.max(1, total)
  return sizes.map((size, cluster) => {
    const scored = new Map<string, ClusterTerm>()
    for (const [term, inClusters] of counts) {
      const held = inClusters.get(cluster) ?? 0
      if (held === 0) continue
      let mean = 0
      if (sizes.length > 1) for (const [other, count] of inClusters) mean += count / sizes[other]! / sizes.length
      const share = held / size
      scored.set(term, { term, score: share * Math.log((share + smoothing) / (mean + smoothing)), texts: held })
    }
    // What one text says names a cluster only where no two agree.
    const shared = new Map([...scored].filter(([, { texts: held }]) => held > 1 || size <= 2))
    const terms = chooseTerms(shared.size > 0 ? shared : scored, wanted)
    return { name: terms.map(({ term }) => term).join(', '), terms }
  })
}

/** Texts of each cluster that hold a word or phrase. */
function countTerms(texts: readonly string[], labels: ArrayLike<number>, clusters: number) {
  const kept = texts.flatMap((text, i) => (labels[i]! >= 0 ? [{ text, label: labels[i]! }] : []))
  const spoken = contentTerms(kept.map(({ text }) => text))
  const frequencies = new Map<string, number>()
  for (const words of spoken)
    for (const word of words) if (word !== undefined) frequencies.set(word, (frequencies.get(word) ?? 0) + 1)
  const shown = mergeWordForms(frequencies)
  const counts = new Map<string, Map<number, number>>()
  if (clusters === 0) return counts
  spoken.forEach((words, i) => {
    const { label } = kept[i]!
    const terms = new Set<string>()
    let before: string | undefined
    for (const word of words) {
      const term = word === undefined ? undefined : shown.get(word)!
      if (term !== undefined) terms.add(term)
      if (term !== undefined && before !== undefined && term !== before) terms.add(`${before} ${term}`)
      before = term
    }
    for (const term of terms) {
      const inClusters = counts.get(term) ?? new Map<number, number>()
      inClusters.set(label, (inClusters.get(label) ?? 0) + 1)
      counts.set(term, inClusters)
    }
  })
  return counts
}

/** The best words, each replaced by the phrase it mostly stands in; no word is said twice. */
function chooseTerms(scored: ReadonlyMap<string, ClusterTerm>, wanted: number): ClusterTerm[] {
  const ranked = [...scored.values()].sort(
    (a, b) => b.score - a.score || b.texts - a.texts || (a.term < b.term ? -1 : 1),
  )
  const phrasesOf = new Map<string, ClusterTerm[]>()
  for (const entry of ranked)
    if (entry.term.includes(' '))
      for (const word of entry.term.split(' ')) phrasesOf.set(word, [...(phrasesOf.get(word) ?? []), entry])
  const said = new Set<string>()
  const chosen: ClusterTerm[] = []
  for (const entry of ranked) {
    if (chosen.length === wanted) break
    if (entry.score <= 0 && chosen.length > 0) break
    if (entry.term.includes(' ') || said.has(entry.term)) continue
    const phrase = phrasesOf
      .get(entry.term)
      ?.find(
        ({ term, texts }) =>
          texts >= phraseShare * entry.texts &&
          texts > 1 &&
          term.split(' ').every((word) => !said.has(word) && (scored.get(word)?.score ?? 0) > 0),
      )
    const term = phrase ?? entry
    for (const word of term.term.split(' ')) said.add(word)
    chosen.push(term)
  }
  return chosen
}
