import { InvalidArgumentError, NotFoundError } from '../../spec/errors.ts'
import { rowOf } from '../../spec/matrix.ts'
import type { StoredSource, WriteBatch } from '../../spec/store.ts'
import { noteGone } from './coded-shards.ts'
import { type CollectionRow, readCollection, writeCollection } from './collection-row.ts'
import type { Connection } from './connection.ts'
import { FieldWriter } from './fields.ts'
import { deleteWords, wordInserter } from './full-text.ts'
import { passageWriter, type SourceRow, sourceWriter, vectorWriter, writeFile } from './rows.ts'
import type { CollectionTables } from './schema.ts'
import type { SourceRows } from './source-rows.ts'
import { toBytes } from './vector-bytes.ts'
import { changeWords } from './word-sums.ts'

/** Keys travel as 32-bit integers. */
const lastPossibleKey = 2 ** 31 - 1

/** Texts of a passage beyond its own that its words are found by. */
function contextOf(title: string | undefined, headings: readonly string[]): string {
  return [title ?? '', ...headings].join('\n')
}

/**
 * Apply a checked batch in the transaction that is open: sources, passages, vectors, fields, words and counts together.
 *
 * @returns the collection's row afterwards.
 */
export function applyBatch(
  connection: Connection,
  t: CollectionTables,
  id: number,
  batch: WriteBatch,
  rows: SourceRows,
): CollectionRow {
  const before = readCollection(connection, id)
  const find = (source: string) => rows.find(connection, source, () => before)
  const put = new Set(batch.put.map((source) => source.id))
  const removed = [...new Set(batch.remove)]
    .filter((source) => !put.has(source))
    .map((source) => {
      const row = find(source)
      if (row === undefined) throw new NotFoundError(`${connection.place}, source to remove`, source)
      return row
    })
  const replaced = batch.put.map((source) => find(source.id))
  const gone = [...removed, ...replaced.filter((row) => row !== undefined)]
  const placed = place(connection, t, batch.put, replaced, before.lastKey)

  const fields = new FieldWriter(connection, t)
  let embedded = before.embedded + batch.vectors.rows
  for (const row of gone) {
    embedded -= connection.number(
      `SELECT count(*) FROM ${t.vectors} WHERE key>=? AND key<?`,
      row.first,
      row.first + row.count,
    )
    fields.delete(row.key, row.metadata)
    for (const table of [t.passages, t.vectors])
      connection.run(`DELETE FROM ${table} WHERE key>=? AND key<?`, row.first, row.first + row.count)
  }
  for (const row of removed) connection.run(`DELETE FROM ${t.sources} WHERE key=?`, row.key)
  noteGone(connection, t, gone)

  let vector = 0
  const writeSource = sourceWriter(connection, t)
  const writePassage = passageWriter(connection, t)
  const writeVector = vectorWriter(connection, t)
  for (const [i, source] of batch.put.entries()) {
    const row = placed[i] as SourceRow
    writeSource(row)
    fields.insert(row.key, row.metadata)
    for (const [ordinal, passage] of source.passages.entries()) {
      const key = row.first + ordinal
      writePassage({ ...passage, key, source: row.key, ordinal })
      if (passage.hasVector) writeVector(key, toBytes(rowOf(batch.vectors, vector++)))
    }
  }
  const moreFields = fields.finish()
  const moreFiles = changeFiles(connection, t, batch)

  changeWords(connection, t, keysOf([...gone, ...placed]), () => {
    const insertWords = wordInserter(connection, t)
    for (const key of keysOf(gone)) deleteWords(connection, t, key)
    for (const [i, source] of batch.put.entries())
      for (const [ordinal, passage] of source.passages.entries()) {
        const key = (placed[i] as SourceRow).first + ordinal
        insertWords(key, passage.text, contextOf(source.title, passage.headings))
      }
  })

  const after: CollectionRow = {
    ...before,
    generation: before.generation + 1,
    sources: before.sources + placed.length - gone.length,
    passages: before.passages + total(placed, 'count') - total(gone, 'count'),
    embedded,
    tokens: before.tokens + total(placed, 'tokens') - total(gone, 'tokens'),
    lastKey: before.lastKey + total(placed, 'count'),
    fields: before.fields + moreFields,
    files: before.files + moreFiles,
  }
  writeCollection(connection, after)
  return after
}

/** @returns by how many files there are more. */
function changeFiles(connection: Connection, t: CollectionTables, batch: WriteBatch): number {
  const isThere = (path: string) => connection.number(`SELECT count(*) FROM ${t.files} WHERE path=?`, path)
  let more = 0
  for (const path of batch.forgetFiles ?? []) {
    more -= isThere(path)
    connection.run(`DELETE FROM ${t.files} WHERE path=?`, path)
  }
  for (const file of batch.files ?? []) {
    more += 1 - isThere(file.path)
    writeFile(connection, t, file)
  }
  return more
}

/** Give each source its key, the old one where it replaces, and its passages the next free keys. */
function place(
  connection: Connection,
  t: CollectionTables,
  put: readonly StoredSource[],
  replaced: readonly (SourceRow | undefined)[],
  lastKey: number,
): SourceRow[] {
  let nextSource = connection.number(`SELECT max(key) FROM ${t.sources}`) + 1
  let nextKey = lastKey + 1
  return put.map((source, i) => {
    const count = source.passages.length
    const row: SourceRow = {
      key: replaced[i]?.key ?? nextSource++,
      id: source.id,
      kind: source.kind,
      title: source.title,
      digest: source.digest,
      metadata: source.metadata,
      file: source.file,
      first: nextKey,
      count,
      tokens: source.passages.reduce((sum, passage) => sum + passage.tokens, 0),
    }
    nextKey += count
    if (nextKey - 1 > lastPossibleKey)
      throw new InvalidArgumentError('batch', `at most ${lastPossibleKey} passages over a collection's life`, nextKey)
    return row
  })
}

function* keysOf(rows: readonly SourceRow[]): Generator<number> {
  for (const { first, count } of rows) for (let key = first; key < first + count; key++) yield key
}

function total(rows: readonly SourceRow[], column: 'count' | 'tokens'): number {
  return rows.reduce((sum, row) => sum + row[column], 0)
}
