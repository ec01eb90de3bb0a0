import type { DuplicatesReport } from '../spec/duplicates.ts'
import { type ReviewRow, rowsOf } from './duplicates-review.ts'
import { plural } from './progress.ts'
import { type Column, printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Members of one group that a terminal shows. */
const mostShown = 12

/** Cosine that texts on one subject seldom reach unless one is nearly a copy of the other. */
const nearCopies = 0.9

/** Groups as a table, the ones to look at first, and what the threshold means. */
export function printDuplicates(
  report: DuplicatesReport,
  limit: number,
  terminal: Terminal,
  format: 'table' | 'csv' | 'markdown',
): void {
  const { groups } = report
  const all = rowsOf({ ...report, groups: format === 'table' ? groups.slice(0, limit) : groups })
  const rows = format === 'table' ? firstOfEachGroup(all) : all
  if (rows.length > 0 || format !== 'table') printTable(columnsOf(report), rows, terminal, format)
  if (format !== 'table') return
  const shown = groups.length > limit ? ` The ${limit} least alike are shown; more: --limit <n>.` : ''
  const found =
    groups.length === 0
      ? 'no duplicates'
      : `${plural(report.items - report.kept, 'duplicate')} in ${plural(groups.length, 'group')}, ${report.kept.toLocaleString('en')} ${report.kept === 1 ? 'stays' : 'stay'}`
  if (rows.length < all.length)
    terminal.note(`${plural(all.length - rows.length, 'member')} of large groups not shown; all: --format csv`)
  terminal.note(`${plural(report.items, 'item')}: ${found}.${shown}`)
  for (const line of meaningOf(report)) terminal.note(line)
}

/** What stays and what is least alike to it. */
function firstOfEachGroup(rows: readonly ReviewRow[]): ReviewRow[] {
  const shown = new Map<string, number>()
  return rows.filter(({ group, decision }) => {
    const key = `${group} ${decision}`
    const count = (shown.get(key) ?? 0) + 1
    shown.set(key, count)
    return count <= mostShown / 2
  })
}

function columnsOf({ groups }: DuplicatesReport): Column<ReviewRow>[] {
  const hasSides = groups.some(({ kept }) => kept.some(({ side }) => side !== undefined))
  return [
    { name: 'group', value: ({ group }) => group },
    { name: 'decision', value: ({ decision }) => decision },
    { name: 'id', value: ({ id }) => id, style: 'cyan' },
    ...(hasSides ? [{ name: 'side', value: ({ side }: ReviewRow) => side }] : []),
    { name: 'cosine', value: ({ cosine }) => cosine, digits: 3 },
    { name: 'by', value: ({ kind }) => kind },
    { name: 'text', value: ({ text }) => text },
  ]
}

function meaningOf({ groups, threshold, falseAlarms, withoutVector }: DuplicatesReport): string[] {
  const lines: string[] = []
  if (threshold !== undefined && falseAlarms !== undefined) {
    const { rate, low, high, pairs, support, source } = falseAlarms
    const where = source === 'collection' ? 'random pairs here' : 'pairs of unrelated texts'
    lines.push(
      `threshold: cosine ${threshold.toFixed(3)}, which ${share(rate)} of ${where} reach (95 % sure: ${share(low)} to ${share(high)}; ${support} from ${pairs.toLocaleString('en')} pairs)`,
    )
    const byMeaning = groups.some(({ removed }) => removed.some(({ kind }) => kind === 'meaning'))
    if (source === 'built-in' && threshold < nearCopies && byMeaning)
      lines.push(
        'Too few items to learn from their own pairs: texts on one subject may be ' +
          `this near and say different things. Near copies only: --threshold ${nearCopies}`,
      )
  }
  if (withoutVector > 0) lines.push(`${plural(withoutVector, 'item')} left out: the model knows no word of them`)
  return lines
}

/** `0.1 %`, or `1 in 250,000` where percents have too many zeros. */
function share(rate: number): string {
  if (rate === 0) return 'none'
  if (rate >= 0.0005) return `${Number((100 * rate).toPrecision(2))} %`
  return rate < 1e-12
    ? 'fewer than 1 in 10¹²'
    : `1 in ${Math.round(Number((1 / rate).toPrecision(2))).toLocaleString('en')}`
}
