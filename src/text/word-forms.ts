/** Shortest word whose ending is taken off: "was", "its" and "gas" are no plurals. */
const shortestStem = 3

/**
 * Put the forms of a word together: an ending is taken off only where the shorter word occurs too, so that a rule of one
 * language does little harm in another.
 *
 * @param counts - Occurrences of each lower-case word.
 * @returns The most frequent form of each word's group, ties by the shorter and then by code units.
 */
export function mergeWordForms(counts: ReadonlyMap<string, number>): Map<string, string> {
  const groups = new Map<string, string[]>()
  for (const word of counts.keys()) {
    const base = baseOf(word, counts)
    groups.set(base, [...(groups.get(base) ?? []), word])
  }
  const shown = new Map<string, string>()
  for (const forms of groups.values()) {
    forms.sort((a, b) => counts.get(b)! - counts.get(a)! || a.length - b.length || (a < b ? -1 : 1))
    for (const form of forms) shown.set(form, forms[0]!)
  }
  return shown
}

/** The shortest word that occurs and from which `word` is made by a common ending. */
function baseOf(word: string, counts: ReadonlyMap<string, number>): string {
  for (let base = word; ; ) {
    const shorter = shorterForms(base).find((form) => form.length >= shortestStem && counts.has(form))
    if (shorter === undefined) return base
    base = shorter
  }
}

function shorterForms(word: string): string[] {
  const without = (ending: string, instead = '') =>
    word.endsWith(ending) ? [word.slice(0, -ending.length) + instead] : []
  const doubled = /([b-df-hj-np-tv-z])\1(?:ed|ing)$/.exec(word)
  return [
    ...without("'s"),
    ...without('’s'),
    ...without('ies', 'y'),
    ...without('sses', 'ss'),
    ...(word.endsWith('ss') ? [] : without('s')),
    ...without('es'),
    ...without('ied', 'y'),
    ...without('ed'),
    ...without('ed', 'e'),
    ...without('ing'),
    ...without('ing', 'e'),
    ...(doubled === null ? [] : [word.slice(0, doubled.index + 1)]),
  ]
}
