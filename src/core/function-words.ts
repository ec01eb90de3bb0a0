/**
 * English words that say how a sentence is built and not what it is about. In a small collection they are rare enough to
 * count as much as any word, so that every "How do I …?" would answer every other.
 */
const functionWords = new Set(
  `a about above after again against all also am an and any are as at be because been before being below between both but by
  can could did do does doing down during each either else ever few for from further get gets got had has have having he her
  here hers herself him himself his how i if in into is it its itself just let like many may me might more most much must my
  myself neither no nor not of off on once one only or other ought our ours ourselves out over own please same shall she
  should since so some still such than that the their theirs them themselves then there these they this those through to too
  under until up upon us very was we were what when where which while who whom whose why will with within without would yet
  you your yours yourself yourselves`.split(/\s+/),
)

/** What stands before the 't of a negation. */
const negated = /^(?:ain|aren|couldn|didn|doesn|don|hadn|hasn|haven|isn|mustn|needn|shouldn|wasn|weren|won|wouldn)$/

/**
 * The query as words are looked for: without function words, unless nothing else is left. A word in capitals ("IT", "US")
 * is a name and stays.
 */
export function contentWords(query: string): string {
  const rest = query.replace(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*/gu, (word) => {
    const isName = word.length > 1 && word === word.toUpperCase() && query !== query.toUpperCase()
    const [stem = word, ending] = word.toLowerCase().split(/['’]/)
    const isFunctionWord = functionWords.has(stem) || (ending === 't' && negated.test(stem))
    return isFunctionWord && !isName ? ' ' : word
  })
  return /[\p{L}\p{N}]/u.test(rest) ? rest : query
}

/** Whether a word in lower case says how a sentence is built and not what it is about. */
export function isFunctionWord(word: string): boolean {
  return functionWords.has(word)
}
