/** Scripts written without spaces, or whose words are long compounds: they are indexed by overlapping pairs. */
const pairedScripts = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
const hasPaired = new RegExp(`[${pairedScripts.map((script) => `\\p{Script=${script}}`).join('')}\\u30fc\\u3005]`, 'u')
/** Where alone such scripts stand; a glance at this saves most texts the search for each of them. */
const mayBePaired = /[\u0e00-\u1fff\u2e80-\uffff]/
/** What the tokenizer of the full-text index takes for one word, up to folding. */
const words = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{Mn}\p{Mc}]*/gu
/** The same of ASCII: the tables behind `\p` take ten milliseconds to be ready, which a cold search would wait for. */
const asciiWords = /[A-Za-z0-9]+/g
/** Without marks, all signs beyond ASCII that are in no word; the index itself splits at those of ASCII. */
const betweenWords = /[^\p{ASCII}\p{L}\p{N}\p{Co}]+/gu
const anyMark = /\p{M}/u
const wordSign = /^[\p{L}\p{N}\p{Co}]/u
/** A sign with all that composes with it: marks, Hangul vowels and finals, half-width voice marks. */
const unit = /[^\p{M}][\p{M}\u1160-\u11ff\uff9e\uff9f]*|\p{M}+/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: every character but ASCII is meant.
const beyondAscii = /[^\u0000-\u007f]/

/** A piece of a text that the index knows as one term: a word, or a pair of characters. */
export interface WordSpan {
  readonly word: string
  readonly start: number
  readonly end: number
}

/** A stretch of a text: a word, a run that is indexed by pairs (in its units), or what is neither. */
type Stretch =
  | { readonly kind: 'word'; readonly span: WordSpan }
  | { readonly kind: 'run'; readonly units: readonly WordSpan[] }

/**
 * A text as it is handed to the full-text index: runs without spaces become overlapping pairs, followed by their last
 * character alone, so that a query of one character is found as the beginning of a pair wherever it stands.
 */
export function toSearchable(text: string): string {
  if (!beyondAscii.test(text)) return text
  const normal = text.normalize('NFKC')
  // Only words are handed over: where they end is decided here, because the index's own tables of signs are older.
  if (!mayBePaired.test(normal) && !anyMark.test(normal)) return normal.replace(betweenWords, ' ')
  if (!hasPaired.test(normal)) return (normal.match(words) ?? []).join(' ')
  return Array.from(stretches(text), (stretch) =>
    stretch.kind === 'word' ? stretch.span.word : Array.from(pairs(stretch.units), ({ word }) => word).join(' '),
  ).join(' ')
}

/** The words of a text with where they stand in it. A run without spaces gives its pairs and its last character. */
export function* wordSpans(text: string): Generator<WordSpan> {
  const isAscii = !beyondAscii.test(text)
  if (isAscii || (text.normalize('NFKC') === text && !isPairedText(text))) {
    for (const { 0: word, index } of text.matchAll(isAscii ? asciiWords : words))
      yield { word, start: index, end: index + word.length }
    return
  }
  for (const stretch of stretches(text)) {
    if (stretch.kind === 'word') yield stretch.span
    else yield* pairs(stretch.units)
  }
}

function isPairedText(text: string): boolean {
  return mayBePaired.test(text) && hasPaired.test(text)
}

/** Words and runs of the NFKC form of a text, with their places in the text itself. */
function* stretches(text: string): Generator<Stretch> {
  let open: WordSpan[] = []
  let isRun = false
  const close = (): Stretch => (isRun ? { kind: 'run', units: open } : { kind: 'word', span: joined(open) })
  for (const atom of atoms(text)) {
    const isWord = wordSign.test(atom.word)
    const isPaired = isWord && hasPaired.test(atom.word)
    if (open.length > 0 && (!isWord || isPaired !== isRun)) {
      yield close()
      open = []
    }
    if (isWord) open.push(atom)
    isRun = isPaired
  }
  if (open.length > 0) yield close()
}

/** Signs of the NFKC form, each with the place of the sign of the text it came from: `㍘` is `0` and `点` at one place. */
function* atoms(text: string): Generator<WordSpan> {
  for (const { 0: sign, index } of text.matchAll(unit)) {
    const normal = beyondAscii.test(sign) ? sign.normalize('NFKC') : sign
    for (const word of normal.length === 1 ? [normal] : (normal.match(unit) ?? []))
      yield { word, start: index, end: index + sign.length }
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
  const asksPrefix = query.includes('*') && /[\p{L}\p{N}\p{Co}\p{Mn}\p{Mc}]\*\s*$/u.test(query)
  for (const [i, { word, end }] of spans.entries()) {
    const isPaired = isPairedText(word)
    // The lone last character of a run is there for the index; a query has it in its last pair already.
    const previous = spans[i - 1]
    if (isPaired && previous !== undefined && previous.end === end && previous.word.endsWith(word)) continue
    const isSingle = isPaired && (word.match(unit)?.length ?? 0) === 1
    found.push({ word, isPrefix: isSingle || (asksPrefix && i === spans.length - 1) })
  }
  return found
}
