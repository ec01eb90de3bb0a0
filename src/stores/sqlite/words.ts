/** Scripts written without spaces, or whose words are long compounds: they are indexed by overlapping pairs. */
const pairedScripts = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
const pairedClass = `${pairedScripts.map((script) => `\\p{Script=${script}}`).join('')}\\u30fc\\u3005`
const pairedRun = new RegExp(`[${pairedClass}][${pairedClass}\\p{Mn}\\p{Mc}]*`, 'gu')
const hasPaired = new RegExp(`[${pairedClass}]`, 'u')
/** What the tokenizer of the full-text index takes for one word, up to folding. */
const wordOrRun = /[\p{L}\p{N}\p{Co}\p{Mn}\p{Mc}]+/gu
const unit = /\P{M}\p{M}*/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: every character but ASCII is meant.
const beyondAscii = /[^\u0000-\u007f]/

/** A piece of a text that the index knows as one term: a word, or a pair of characters. */
export interface WordSpan {
  readonly word: string
  readonly start: number
  readonly end: number
}

/**
 * A text as it is handed to the full-text index: runs without spaces become overlapping pairs, followed by their last
 * character alone, so that a query of one character is found as the beginning of a pair wherever it stands.
 */
export function toSearchable(text: string): string {
  if (!beyondAscii.test(text)) return text
  const normal = text.normalize('NFKC')
  if (!hasPaired.test(normal)) return normal
  return normal.replace(pairedRun, (run) => {
    const units = run.match(unit) ?? [run]
    const pairs = units.slice(1).map((next, i) => `${units[i]}${next}`)
    return ` ${pairs.join(' ')} ${units.at(-1)} `
  })
}

/** The words of a text with where they stand in it. A run without spaces gives its pairs and its last character. */
export function* wordSpans(text: string): Generator<WordSpan> {
  for (const match of text.matchAll(wordOrRun)) {
    const [piece] = match
    if (!beyondAscii.test(piece) || !hasPaired.test(piece.normalize('NFKC')))
      yield { word: piece.normalize('NFKC'), start: match.index, end: match.index + piece.length }
    else yield* mixedSpans(piece, match.index)
  }
}

/** A piece without a space in it, such as `版本2です`: its paired runs and what is between them. */
function* mixedSpans(piece: string, offset: number): Generator<WordSpan> {
  const units = [...piece.matchAll(unit)].map((match) => ({
    word: match[0].normalize('NFKC'),
    start: offset + match.index,
    end: offset + match.index + match[0].length,
  }))
  let from = 0
  while (from < units.length) {
    const isPaired = hasPaired.test(units[from]?.word ?? '')
    let to = from + 1
    while (to < units.length && hasPaired.test(units[to]?.word ?? '') === isPaired) to++
    const run = units.slice(from, to)
    if (isPaired) yield* pairs(run)
    else yield joined(run)
    from = to
  }
}

function* pairs(run: readonly WordSpan[]): Generator<WordSpan> {
  for (let i = 0; i + 1 < run.length; i++) yield joined(run.slice(i, i + 2))
  yield joined(run.slice(-1))
}

function joined(run: readonly WordSpan[]): WordSpan {
  const [first] = run
  const last = run.at(-1)
  return { word: run.map((part) => part.word).join(''), start: first?.start ?? 0, end: last?.end ?? 0 }
}

/** One thing a query looks for. `isPrefix`: any word that begins so. */
export interface QueryWord {
  readonly word: string
  readonly isPrefix: boolean
}

/**
 * What a query looks for, any of it; every string is a query, and none of its signs is an operator but a `*` at the very
 * end, which makes its last word a beginning.
 */
export function queryWords(query: string): QueryWord[] {
  const found: QueryWord[] = []
  const spans = [...wordSpans(query)]
  const asksPrefix = /[\p{L}\p{N}\p{Co}\p{Mn}\p{Mc}]\*\s*$/u.test(query)
  for (const [i, { word, start, end }] of spans.entries()) {
    const isPaired = hasPaired.test(word)
    // The lone last character of a run is there for the index; a query has it in its last pair already.
    const previous = spans[i - 1]
    if (isPaired && previous !== undefined && previous.end === end && previous.start < start) continue
    const isSingle = isPaired && (word.match(unit)?.length ?? 0) === 1
    found.push({ word, isPrefix: isSingle || (asksPrefix && i === spans.length - 1) })
  }
  return found
}
