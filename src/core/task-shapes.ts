import { describe, UnreadableInputError } from '../spec/errors.ts'
import { readTaskRows, type TaskRow } from './evaluation-rows.ts'
import type { EvaluationTask, LabelledTexts, RetrievalDocument } from './evaluation-tasks.ts'

/** Names that columns go by in the field's files; the first is ours. */
const names = {
  a: ['a', 'sentence1', 'sentence_1', 'text1', 'question1', 'sent1', 's1'],
  b: ['b', 'sentence2', 'sentence_2', 'text2', 'question2', 'sent2', 's2'],
  score: ['score', 'similarity', 'similarity_score', 'gold', 'human_score'],
  label: ['label', 'labels', 'is_duplicate', 'class'],
  text: ['text', 'sentence', 'content'],
  id: ['id', '_id', 'docid', 'doc_id'],
  title: ['title'],
  query: ['query', 'query-id', 'query_id', 'qid'],
  doc: ['doc', 'corpus-id', 'corpus_id', 'doc-id', 'doc_id', 'docid'],
  rel: ['rel', 'score', 'relevance'],
} as const
type Column = keyof typeof names
const known: ReadonlySet<string> = new Set(Object.values(names).flat())

export const columns = 'a, b and score or label; text and label'

export function isHeader(cells: readonly string[]): boolean {
  return cells.filter((cell) => known.has(cell.trim().toLowerCase())).length >= 2
}

/** What the rows are by their columns; undefined where they are no task. */
export function shapeOf(rows: readonly TaskRow[]): 'STS' | 'PairClassification' | 'labelled' | undefined {
  const { value } = rows[0] as TaskRow
  if (Object.hasOwn(value, '0')) {
    // Two texts and a number beside them, without a header.
    if (Object.keys(value).length !== 3) return undefined
    return rows.every((row) => ['0', '1'].includes(String(row.value[numberColumn(value)])))
      ? 'PairClassification'
      : 'STS'
  }
  if (cell(value, 'a') !== undefined && cell(value, 'b') !== undefined)
    return cell(value, 'score') !== undefined
      ? 'STS'
      : cell(value, 'label') !== undefined
        ? 'PairClassification'
        : undefined
  return cell(value, 'text') !== undefined && cell(value, 'label') !== undefined ? 'labelled' : undefined
}

export function pairs(
  label: string,
  path: string,
  rows: readonly TaskRow[],
  type: 'STS' | 'PairClassification',
): EvaluationTask {
  const [first] = rows
  const positional = Object.hasOwn((first as TaskRow).value, '0') ? numberColumn((first as TaskRow).value) : undefined
  const of = (row: TaskRow, column: 'a' | 'b' | 'score' | 'label') => {
    if (positional === undefined) return cell(row.value, column)
    const text = column === 'a' ? 0 : 1
    return row.value[column === 'a' || column === 'b' ? (positional === '0' ? text + 1 : text) : positional]
  }
  const base = {
    ...named(label),
    a: rows.map((row) => textOf(of(row, 'a'), 'a', path, row.line)),
    b: rows.map((row) => textOf(of(row, 'b'), 'b', path, row.line)),
  }
  if (type === 'STS')
    return { ...base, type, scores: rows.map((row) => numberOf(of(row, 'score'), 'score', path, row.line)) }
  return { ...base, type, positive: rows.map((row) => truthOf(of(row, 'label'), path, row.line)) }
}

/** Classification with training texts, else clustering. */
export function labelled(
  label: string,
  path: string,
  rows: readonly TaskRow[],
  training: { readonly path: string; readonly rows: readonly TaskRow[] } | undefined,
): EvaluationTask {
  const texts = labelledTexts(path, rows)
  if (training === undefined) return { ...named(label), type: 'Clustering', ...texts }
  return { ...named(label), type: 'Classification', train: labelledTexts(training.path, training.rows), test: texts }
}

function labelledTexts(path: string, rows: readonly TaskRow[]): LabelledTexts {
  return {
    texts: rows.map(({ line, value }) => textOf(cell(value, 'text'), 'text', path, line)),
    labels: rows.map(({ line, value }) => nameOf(cell(value, 'label'), 'label', path, line)),
  }
}

/** @throws {UnreadableInputError} for ids that stand twice, and judgements of documents or queries that are not there. */
export async function retrieval(
  label: string,
  paths: { readonly corpus: string; readonly queries: string; readonly judgements: string },
): Promise<EvaluationTask> {
  const documents = (await readTaskRows(paths.corpus, isHeader)).map(({ line, value }): RetrievalDocument => {
    const title = cell(value, 'title')
    return {
      id: nameOf(cell(value, 'id'), 'id', paths.corpus, line),
      title: title === undefined || title === null || title === '' ? undefined : String(title),
      text: textOf(cell(value, 'text'), 'text', paths.corpus, line),
    }
  })
  const queries = (await readTaskRows(paths.queries, isHeader)).map(({ line, value }) => ({
    id: nameOf(cell(value, 'id'), 'id', paths.queries, line),
    text: textOf(cell(value, 'text'), 'text', paths.queries, line),
  }))
  const documentIds = distinct(documents, paths.corpus)
  const queryIds = distinct(queries, paths.queries)
  const judgements = new Map<string, Map<string, number>>()
  for (const { line, value } of await readTaskRows(paths.judgements, isHeader)) {
    // TREC's own files have no header and a constant between query and document.
    const bare = Object.hasOwn(value, '3') ? { query: value['0'], doc: value['2'], rel: value['3'] } : value
    const positional = Object.hasOwn(value, '0') && bare === value
    const at = (column: 'query' | 'doc' | 'rel', place: string) => (positional ? value[place] : cell(bare, column))
    const query = nameOf(at('query', '0'), 'query', paths.judgements, line)
    const doc = nameOf(at('doc', '1'), 'doc', paths.judgements, line)
    for (const [id, ids, place] of [
      [query, queryIds, paths.queries],
      [doc, documentIds, paths.corpus],
    ] as const)
      if (!ids.has(id)) throw new UnreadableInputError(paths.judgements, `an id of ${place}`, describe(id), { line })
    judgements.set(
      query,
      (judgements.get(query) ?? new Map()).set(doc, numberOf(at('rel', '2'), 'rel', paths.judgements, line)),
    )
  }
  const asked = queries.filter(({ id }) => judgements.has(id))
  if (asked.length === 0) throw new UnreadableInputError(paths.judgements, 'judgements', 'none')
  return { ...named(label), type: 'Retrieval', documents, queries: asked, judgements }
}

function distinct(rows: readonly { readonly id: string }[], path: string): Set<string> {
  const ids = new Set<string>()
  for (const { id } of rows) {
    if (ids.has(id)) throw new UnreadableInputError(path, 'each id once', `${describe(id)} twice`)
    ids.add(id)
  }
  return ids
}

function named(label: string): { label: string; name: string; split: string } {
  const [, name = label, split = 'test'] = /^(.+)[._-](train|test|dev|valid|validation)$/.exec(label) ?? []
  return { label, name, split }
}

function cell(value: TaskRow['value'], column: Column): unknown {
  for (const name of names[column]) if (value[name] !== undefined) return value[name]
  return undefined
}

/** The column of numbers, the last or the first. */
function numberColumn(value: TaskRow['value']): '0' | '2' {
  return isNumber(value['2']) ? '2' : '0'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : /^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(String(value))
}

function textOf(value: unknown, column: string, path: string, line: number): string {
  if (typeof value === 'string') return value
  throw new UnreadableInputError(path, `a text as ${column}`, describe(value), { line })
}

function nameOf(value: unknown, column: string, path: string, line: number): string {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  throw new UnreadableInputError(path, `a name as ${column}`, describe(value), { line })
}

function numberOf(value: unknown, column: string, path: string, line: number): number {
  if (isNumber(value)) return Number(value)
  throw new UnreadableInputError(path, `a number as ${column}`, describe(value), { line })
}

function truthOf(value: unknown, path: string, line: number): boolean {
  const text = String(value)
  if (['1', '1.0', 'true'].includes(text)) return true
  if (['0', '0.0', 'false'].includes(text)) return false
  throw new UnreadableInputError(path, 'a label of 0 or 1', describe(value), { line })
}
