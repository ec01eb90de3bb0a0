import { describe, UnreadableInputError } from '../spec/errors.ts'
import type { ChooseQuery } from './choose-queries.ts'
import { readTaskRows, tableName } from './evaluation-rows.ts'

/**
 * Questions of one's own from a `.jsonl`, `.csv` or `.tsv` file, also with `.gz`: `query` (the text), `doc` (id of a
 * document that answers it) and perhaps `rel` (grade, 1 where left out). Rows of one query belong together.
 *
 * @throws {UnreadableInputError} naming the line that is no such row.
 */
export async function readChooseQueries(path: string): Promise<ChooseQuery[]> {
  if (tableName(path) === undefined)
    throw new UnreadableInputError(path, 'a .jsonl, .csv or .tsv file', 'another ending')
  const queries = new Map<string, Map<string, number>>()
  const rows = await readTaskRows(path, (cells) => cells.includes('query') && cells.includes('doc'))
  for (const { line, value } of rows) {
    const { query = value['0'], doc = value['1'], rel = value['2'] ?? 1 } = value
    for (const [name, cell] of Object.entries({ query, doc }))
      if (typeof cell !== 'string' || cell.trim() === '')
        throw new UnreadableInputError(path, `a text as ${name}`, describe(cell), { line })
    const grade = Number(rel)
    if (!Number.isFinite(grade)) throw new UnreadableInputError(path, 'a number as rel', describe(rel), { line })
    const text = (query as string).trim()
    queries.set(text, (queries.get(text) ?? new Map()).set(doc as string, grade))
  }
  return [...queries].map(([text, relevant]) => ({ text, relevant }))
}
