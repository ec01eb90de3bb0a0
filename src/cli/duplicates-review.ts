import { readFile } from 'node:fs/promises'
import type { Collection } from '../spec/collection.ts'
import type { DuplicateKind, DuplicatesReport } from '../spec/duplicates.ts'
import { InvalidArgumentError, NotFoundError, UnreadableInputError } from '../spec/errors.ts'
import { sha256Hex } from '../spec/sha256.ts'
import { type Column, csvTable } from './table.ts'
import { writeWhole } from './write-file.ts'

/** One item of a group, and what is to become of it. */
export interface ReviewRow {
  readonly group: number
  readonly decision: 'keep' | 'remove'
  readonly id: string
  readonly side: string | undefined
  /** Id of what stays in its place, and how alike they are. */
  readonly keeper: string | undefined
  readonly cosine: number | undefined
  readonly kind: DuplicateKind | undefined
  readonly title: string | undefined
  /** The beginning, on one line. */
  readonly text: string
  readonly digest: string
}

const columns: readonly Column<ReviewRow>[] = (
  ['group', 'decision', 'id', 'side', 'keeper', 'cosine', 'kind', 'title', 'text', 'digest'] as const
).map((name) => ({ name, value: (row) => row[name] }))

const shownLength = 200

/** Every item of every group, in the order to look at them. */
export function rowsOf({ groups }: DuplicatesReport): ReviewRow[] {
  return groups.flatMap(({ kept, removed }, i) => {
    const common = { group: i + 1 }
    return [
      ...kept.map((item) => ({
        ...common,
        ...brief(item),
        decision: 'keep' as const,
        keeper: undefined,
        cosine: undefined,
        kind: undefined,
      })),
      ...removed.map((item) => ({
        ...common,
        ...brief(item),
        decision: 'remove' as const,
        keeper: item.keeper,
        cosine: Number(item.cosine.toFixed(6)),
        kind: item.kind,
      })),
    ]
  })
}

function brief({ id, side, title, text, digest }: DuplicatesReport['groups'][number]['kept'][number]) {
  const line = text.replace(/\s+/gu, ' ').trim()
  return {
    id,
    side,
    title,
    text: line.length > shownLength ? `${line.slice(0, shownLength).toWellFormed()}…` : line,
    digest,
  }
}

/** Write all decisions to a file, CSV or JSON lines by its ending, for somebody to change `decision` where it is wrong. */
export async function writeReview(path: string, report: DuplicatesReport): Promise<void> {
  const rows = rowsOf(report)
  const content = /\.csv$/i.test(path)
    ? csvTable(columns, rows)
    : rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  await writeWhole(path, content)
}

/**
 * Remove what a review says to remove.
 *
 * @returns the ids removed.
 * @throws {UnreadableInputError} naming the line that is no row of a review.
 * @throws {InvalidArgumentError} when a source of the review is gone or has another text since: nothing is removed then.
 */
export async function applyReview(path: string, collection: Collection): Promise<string[]> {
  const removed: string[] = []
  for (const { line, decision, id, side, digest } of await readReview(path)) {
    if (side === 'against') continue
    const source = (await collection.get(id)) ?? (id.startsWith("'") ? await collection.get(id.slice(1)) : undefined)
    const stale =
      source === undefined
        ? 'a source that is gone'
        : sha256Hex(source.text) === digest
          ? undefined
          : 'a source with another text since'
    if (source === undefined || stale !== undefined)
      throw new InvalidArgumentError(
        `--apply ${path}:${line}`,
        'a review of the collection as it is',
        stale,
        'Nothing was removed. Write a new one: vecino duplicates --review <path>.',
      )
    if (decision === 'remove') removed.push(source.id)
  }
  await collection.remove(removed)
  return [...new Set(removed)]
}

interface Decision {
  readonly line: number
  readonly decision: 'keep' | 'remove'
  readonly id: string
  readonly side: string | undefined
  readonly digest: string
}

async function readReview(path: string): Promise<Decision[]> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError('review file', path)
    throw error
  }
  const rows = /\.csv$/i.test(path) ? await csvRows(path, content) : jsonRows(path, content)
  return rows.map(({ line, row }) => decisionOf(path, line, row))
}

function decisionOf(path: string, line: number, row: unknown): Decision {
  const { decision, id, side, digest } = (typeof row === 'object' && row !== null ? row : {}) as Record<string, unknown>
  const wrong = (expected: string) => new UnreadableInputError(path, expected, 'something else', { line })
  if (decision !== 'keep' && decision !== 'remove') throw wrong('the decision keep or remove')
  if (typeof id !== 'string' || id === '') throw wrong('the id of a source')
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest))
    throw wrong('the digest that the review was written with')
  return { line, decision, id, side: typeof side === 'string' && side !== '' ? side : undefined, digest }
}

function jsonRows(path: string, content: string): { line: number; row: unknown }[] {
  return content.split('\n').flatMap((text, i) => {
    if (text.trim() === '') return []
    try {
      return [{ line: i + 1, row: JSON.parse(text) as unknown }]
    } catch {
      throw new UnreadableInputError(path, 'a JSON object on every line', 'something else', { line: i + 1 })
    }
  })
}

async function csvRows(path: string, content: string): Promise<{ line: number; row: unknown }[]> {
  const { parse } = await import('csv-parse/sync')
  try {
    const rows = parse(content, { bom: true, columns: true, info: true, skip_empty_lines: true }) as unknown as {
      info: { lines: number }
      record: unknown
    }[]
    return rows.map(({ info, record }) => ({ line: info.lines, row: record }))
  } catch (error) {
    throw new UnreadableInputError(path, 'CSV as it was written, with its heading line', 'something else', {
      cause: error,
      line: (error as { lines?: number }).lines ?? 1,
    })
  }
}
