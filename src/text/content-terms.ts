import { stopWordsOf } from './stop-words.ts'

/** Scripts written without spaces: only a dictionary tells their words apart. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u
const wordRun = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu
const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** Where a link leads, a web address, a tag and what a template puts in: none of it is spoken. */
const unspoken =
  /(?<=\])\([^()\n]*\)|\bhttps?:\/\/[^\s)>\]]+|\bwww\.[^\s)>\]]+|<\/?[a-z][^<>]*>|\{\{[^{}]*\}\}|\{%[^{}]*%\}/gi
/** Endings of English words run together: "we're" is as empty as "we". */
const contraction = /'(?:re|ve|ll|d|m|s|t)$/

/** The words of a text in lower case; undefined where a sentence, a mark or a line parts two words. */
function spokenWords(source: string): (string | undefined)[] {
  const text = source.replace(unspoken, (part) => '·'.repeat(part.length))
  const words: (string | undefined)[] = []
  let end = 0
  for (const { 0: run, index } of text.matchAll(wordRun)) {
    if (/[^\s'’"“”-]/.test(text.slice(end, index)) || /\n/.test(text.slice(end, index))) words.push(undefined)
    end = index + run.length
    if (!unspaced.test(run)) words.push(run.toLowerCase())
    else for (const { segment, isWordLike } of segmenter.segment(run)) if (isWordLike === true) words.push(segment)
  }
  return words
}

/** What the texts speak about, in order: content words, and undefined where a stop word or a mark stands between two. */
export function contentTerms(texts: readonly string[]): (string | undefined)[][] {
  const spoken = texts.map(spokenWords)
  // A text of three words seldom holds a stop word: it is taken to be of the language of the whole.
  const common = stopWordsOf(spoken.flatMap((words) => words.filter((word) => word !== undefined)))
  return spoken.map((words) => {
    const stopWords = stopWordsOf(words.filter((word) => word !== undefined)) ?? common
    return words.map((word) =>
      word === undefined || isEmpty(word.replaceAll('’', "'"), stopWords) || isTooShort(word) ? undefined : word,
    )
  })
}

function isEmpty(word: string, stopWords: ReadonlySet<string> | undefined): boolean {
  return stopWords !== undefined && (stopWords.has(word) || stopWords.has(word.replace(contraction, '')))
}

function isTooShort(word: string): boolean {
  return /^\p{N}+$/u.test(word) || (word.length < 2 && !unspaced.test(word))
}
