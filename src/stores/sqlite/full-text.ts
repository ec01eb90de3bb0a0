import { BestList } from '../../kernels/best-list.ts'
import type { KeywordRanked } from '../../spec/store.ts'
import type { QueryTerm } from './analyser.ts'
import type { Connection } from './connection.ts'
import type { CollectionTables } from './schema.ts'
import { toSearchable } from './words.ts'

/** FTS5's constant k1; its b is 0.75. */
const k1 = 1.2

export function wordInserter(
  connection: Connection,
  t: CollectionTables,
): (key: number, text: string, context: string) => void {
  const insert = connection.runner(`INSERT INTO ${t.words}(rowid, text, context) VALUES(?, ?, ?)`)
  return (key, text, context) => insert(key, toSearchable(text), toSearchable(context))
}

export function deleteWords(connection: Connection, t: CollectionTables, key: number): void {
  connection.run(`DELETE FROM ${t.words} WHERE rowid=?`, key)
}

/**
 * Passages by BM25 over any of the terms, best first, ties by key.
 *
 * @param options.accepts - Which passages may answer; all where undefined.
 * @param options.also - Keys whose scores are wanted whatever their rank.
 * @returns `best`: the sum over terms of idf · (k1 + 1), which BM25 nears as a passage holds nothing but the query's words;
 *   words that no passage has count, so that a query of which half is unknown here can at most be half answered.
 *
 * Source: Robertson & Zaragoza 2009 as in FTS5's `bm25()`, whose idf is ln((N − n + ½) / (n + ½)), at least 10⁻⁶.
 */
export function rankByWords(
  connection: Connection,
  t: CollectionTables,
  terms: readonly QueryTerm[],
  options: {
    topK: number
    passages: number
    accepts: ((key: number) => boolean) | undefined
    also: Int32Array
  },
): KeywordRanked {
  const { topK, passages, accepts, also } = options
  const ranked = new BestList(Math.min(topK, passages))
  const asked = new Map<number, number>(Array.from(also, (key) => [key, 0]))
  let best = 0
  let isAnywhere = false
  for (const term of terms) {
    const holding = connection.number(`SELECT count(*) FROM ${t.words} WHERE ${t.words} MATCH ?`, quoted(term))
    isAnywhere ||= holding > 0
    best += idf(passages, holding) * (k1 + 1)
  }
  if (isAnywhere) {
    const sql = `SELECT rowid, bm25(${t.words}) AS rank FROM ${t.words} WHERE ${t.words} MATCH ?`
    connection.each(sql, [terms.map(quoted).join(' OR ')], ([rowid, rank]) => {
      const key = Number(rowid)
      const score = -Number(rank)
      if (asked.has(key)) asked.set(key, score)
      if (accepts === undefined || accepts(key)) ranked.offer(score, key)
    })
  }
  const { ids, scores } = ranked.drain()
  return { keys: ids, scores, best, also: Float64Array.from(also, (key) => asked.get(key) ?? 0) }
}

function idf(passages: number, holding: number): number {
  return Math.max(Math.log((passages - holding + 0.5) / (holding + 0.5)), 1e-6)
}

function quoted({ word, isPrefix }: QueryTerm): string {
  return `"${word.replaceAll('"', '""')}"${isPrefix ? '*' : ''}`
}
