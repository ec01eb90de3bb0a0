import { Connection } from './connection.ts'
import { tokenizer } from './schema.ts'
import { type QueryWord, queryWords, wordSpans } from './words.ts'

/** Words remembered with their terms before the memory is emptied. */
const memoryLimit = 50_000

/** One thing a query looks for, as the index knows it. */
export interface QueryTerm extends QueryWord {
  /** Folded and stemmed by the index's own tokenizer; two where it cuts the word once more. */
  readonly terms: readonly string[]
}

export interface TextMatches {
  readonly spans: { start: number; end: number }[]
  readonly words: string[]
}

/**
 * Answers what the full-text index would do with a word, by asking the same tokenizer: an FTS5 table in memory and its
 * vocabulary. Nothing of it is kept in a file.
 */
export class Analyser {
  #connection: Connection | undefined
  readonly #terms = new Map<string, readonly string[]>()

  /** The distinct terms of a query, in its order; a word that is none (an emoji) is left out. */
  queryTerms(query: string): QueryTerm[] {
    const words = queryWords(query)
    this.#learn(words.map((word) => word.word))
    const seen = new Set<string>()
    const found: QueryTerm[] = []
    for (const word of words) {
      const terms = this.#termsOf(word.word)
      const name = `${terms.join(' ')}${word.isPrefix ? '*' : ''}`
      if (terms.length === 0 || seen.has(name)) continue
      seen.add(name)
      found.push({ ...word, terms })
    }
    return found
  }

  /** Where the query's words stand in each text; touching and overlapping spans of one run are joined. */
  matches(query: string, texts: readonly string[]): TextMatches[] {
    const asked = this.queryTerms(query)
    const firstLetters = new Set(asked.flatMap(({ terms }) => terms.map((term) => term[0] ?? '')))
    return texts.map((text) => this.#matchesIn(text, asked, firstLetters))
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  #matchesIn(text: string, asked: readonly QueryTerm[], firstLetters: ReadonlySet<string>): TextMatches {
    // Folding and stemming never change the first letter of an ASCII word, so most words need no look.
    const candidates = [...wordSpans(text)].filter(({ word }) => {
      const first = word[0] ?? ''
      return first > '\u007f' || firstLetters.has(first.toLowerCase())
    })
    this.#learn(candidates.map((candidate) => candidate.word))
    const spans: { start: number; end: number }[] = []
    const words = new Set<string>()
    for (const { word, start, end } of candidates) {
      const terms = this.#termsOf(word)
      const hit = asked.find((query) => isMatch(query, terms))
      if (hit === undefined) continue
      words.add(hit.word)
      const last = spans.at(-1)
      if (last !== undefined && start < last.end) last.end = Math.max(last.end, end)
      else spans.push({ start, end })
    }
    return { spans, words: [...words] }
  }

  #termsOf(word: string): readonly string[] {
    return this.#terms.get(word) ?? []
  }

  #learn(words: readonly string[]): void {
    if (this.#terms.size > memoryLimit) this.#terms.clear()
    const unknown = [...new Set(words)].filter((word) => !this.#terms.has(word))
    if (unknown.length === 0) return
    this.#connection ??= openInMemory()
    const connection = this.#connection
    const terms: string[][] = unknown.map(() => [])
    connection.transaction(() => {
      for (const [i, word] of unknown.entries()) connection.run('INSERT INTO words(rowid, text) VALUES(?, ?)', i, word)
      for (const row of connection.rows('SELECT doc, term FROM vocabulary ORDER BY doc, offset'))
        terms[Number(row['doc'])]?.push(String(row['term']))
      connection.exec(`INSERT INTO words(words) VALUES('delete-all')`)
    })
    for (const [i, word] of unknown.entries()) this.#terms.set(word, terms[i] ?? [])
  }
}

function isMatch(query: QueryTerm, terms: readonly string[]): boolean {
  if (!query.isPrefix) return query.terms.every((term) => terms.includes(term))
  const beginning = query.terms.at(-1) ?? ''
  return terms.some((term) => term.startsWith(beginning))
}

function openInMemory(): Connection {
  const connection = new Connection(':memory:', { access: 'write', place: 'word analysis' })
  connection.exec(`CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize="${tokenizer}")`)
  connection.exec(`CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'instance')`)
  return connection
}
