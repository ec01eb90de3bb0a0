import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import { readTaskRows, type TaskRow, tableName } from './evaluation-rows.ts'
import type { EvaluationTask } from './evaluation-tasks.ts'
import { columns, isHeader, labelled, pairs, retrieval, shapeOf } from './task-shapes.ts'

export interface ReadTasks {
  readonly tasks: readonly EvaluationTask[]
  /** Tables of a folder that are no task, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * The tasks in files and folders: pairs with a score (STS) or a label of 0 and 1 (pair classification); texts with a
 * label (classification where `<name>.train` stands beside, else clustering); `<name>.corpus`, `.queries` and `.qrels`
 * (retrieval), or a folder laid out as BEIR's. Folders are read with all below them.
 *
 * @throws {NotFoundError} for a path that is not there, and a part of a retrieval task that is missing.
 * @throws {UnreadableInputError} for a named file that is no task, and for rows that are broken, naming the line.
 */
export async function readEvaluationTasks(paths: readonly string[]): Promise<ReadTasks> {
  const tasks: EvaluationTask[] = []
  const skipped: { path: string; reason: string }[] = []
  const named = new Map<string, Set<string>>()
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined)
    if (info === undefined) throw new NotFoundError('task', path, 'Name a file or folder of texts with known answers.')
    if (info.isDirectory()) await readFolder(path, tasks, skipped)
    else {
      const name = tableName(basename(path))
      if (name === undefined) throw unknown(path, 'a .jsonl, .csv or .tsv file, or one with .gz', 'another ending')
      named.set(dirname(path), (named.get(dirname(path)) ?? new Set()).add(name))
    }
  }
  for (const [folder, names] of named) {
    const found = await readTables(folder, await tablesIn(folder), names)
    const [first] = found.skipped
    if (first !== undefined) throw unknown(first.path, 'a task', first.reason)
    tasks.push(...found.tasks)
  }
  return { tasks, skipped }
}

async function readFolder(
  folder: string,
  tasks: EvaluationTask[],
  skipped: { path: string; reason: string }[],
): Promise<void> {
  const files = await tablesIn(folder)
  if (files.has('corpus') && files.has('queries')) {
    tasks.push(await beirTask(folder, files))
    return
  }
  const found = await readTables(folder, files, undefined)
  tasks.push(...found.tasks)
  skipped.push(...found.skipped)
  const below = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const { name } of below.sort((a, b) => (a.name < b.name ? -1 : 1)))
    await readFolder(join(folder, name), tasks, skipped)
}

/** Tables of a folder by name without endings, sorted. */
async function tablesIn(folder: string): Promise<Map<string, string>> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.isDirectory())
  const named = entries.flatMap(({ name }) => {
    const table = tableName(name)
    return table === undefined ? [] : [[table, join(folder, name)] as const]
  })
  return new Map(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `wanted` are the tables that the user named; all where undefined. */
async function readTables(
  folder: string,
  files: ReadonlyMap<string, string>,
  wanted: ReadonlySet<string> | undefined,
): Promise<ReadTasks> {
  const tasks: EvaluationTask[] = []
  const skipped: { path: string; reason: string }[] = []
  const queries = new Set<string>()
  for (const name of wanted ?? files.keys()) {
    const [, prefix, part] = /^(.*)\.(corpus|queries|qrels)$/.exec(name) ?? []
    if (prefix === undefined) {
      const path = files.get(name) as string
      const rows = await readTaskRows(path, isHeader)
      const shape = rows[0] === undefined ? undefined : shapeOf(rows)
      if (shape === undefined) skipped.push({ path, reason: rows.length === 0 ? 'an empty table' : columnsOf(rows) })
      else if (shape === 'labelled') {
        const task = await labelledTask(name, path, rows, files, wanted)
        if (task !== undefined) tasks.push(task)
      } else tasks.push(pairs(name, path, rows, shape))
    } else if (part === 'corpus') {
      const asking = [...files.keys()].filter(
        (other) => other.endsWith('.queries') && corpusFor(other.slice(0, -'.queries'.length), files) === name,
      )
      if (asking.length === 0) skipped.push({ path: files.get(name) as string, reason: 'a corpus without queries' })
      for (const other of asking) queries.add(other.slice(0, -'.queries'.length))
    } else queries.add(prefix)
  }
  for (const name of queries) {
    const part = (of: string) => {
      const path = files.get(of)
      if (path === undefined) throw new NotFoundError('table', join(folder, `${of}.jsonl`), `${name} needs it.`)
      return path
    }
    tasks.push(
      await retrieval(name, {
        corpus: part(corpusFor(name, files) ?? `${name}.corpus`),
        queries: part(`${name}.queries`),
        judgements: part(`${name}.qrels`),
      }),
    )
  }
  return { tasks, skipped }
}

/** `scifact.corpus` for `scifact.dev`. */
function corpusFor(name: string, files: ReadonlyMap<string, string>): string | undefined {
  for (let prefix = name; ; prefix = prefix.slice(0, prefix.lastIndexOf('.'))) {
    if (files.has(`${prefix}.corpus`)) return `${prefix}.corpus`
    if (!prefix.includes('.')) return undefined
  }
}

/** Undefined for a training set whose test set is a task. */
async function labelledTask(
  name: string,
  path: string,
  rows: readonly TaskRow[],
  files: ReadonlyMap<string, string>,
  wanted: ReadonlySet<string> | undefined,
): Promise<EvaluationTask | undefined> {
  const [, prefix, mark, split] = /^(.*)([._-])(train|test|dev|valid|validation)$/.exec(name) ?? []
  if (split === 'train') {
    const partners = ['test', 'dev', 'valid', 'validation'].map((other) => `${prefix}${mark}${other}`)
    if (partners.some((partner) => (wanted ?? files).has(partner))) return undefined
  }
  const train = split === undefined || split === 'train' ? undefined : files.get(`${prefix}${mark}train`)
  const training = train === undefined ? undefined : { path: train, rows: await readTaskRows(train, isHeader) }
  return labelled(name, path, rows, training)
}

async function beirTask(folder: string, files: ReadonlyMap<string, string>): Promise<EvaluationTask> {
  const judged = files.has('qrels') ? new Map() : await tablesIn(join(folder, 'qrels')).catch(() => new Map())
  const split = ['test', 'dev'].find((one) => judged.has(one)) ?? [...judged.keys()][0] ?? 'test'
  const judgements = files.get('qrels') ?? judged.get(split)
  if (judgements === undefined)
    throw new NotFoundError('table', join(folder, 'qrels', 'test.tsv'), 'BEIR folders hold it.')
  const name = basename(folder)
  const parts = { corpus: files.get('corpus') as string, queries: files.get('queries') as string, judgements }
  return retrieval(split === 'test' ? name : `${name}.${split}`, parts)
}

function columnsOf(rows: readonly TaskRow[]): string {
  return `the columns ${Object.keys((rows[0] as TaskRow).value).join(', ')}; known are ${columns}`
}

function unknown(path: string, expected: string, got: string): UnreadableInputError {
  return new UnreadableInputError(path, expected, got)
}
