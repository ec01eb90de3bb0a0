import type { SampledItem, SampleReport } from '../spec/sample.ts'
import { plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import { type Column, printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

/** The chosen items with how many each stands for, and how much of all they cover. */
export function printSample(report: SampleReport, terminal: Terminal, format: 'table' | 'csv' | 'markdown'): void {
  const { chosen, items, coverage, withoutVector } = report
  printTable(columns, chosen, terminal, format)
  if (format !== 'table') return
  const { share, cosine, meanCosine, farthest } = coverage
  terminal.note(
    `${chosen.length} of ${plural(items, 'item')} cover ${Number((100 * share).toFixed(1))} %: so many are closer to a chosen one than 99 % of random pairs are (cosine ${cosine.toFixed(3)}). Mean cosine ${meanCosine.toFixed(3)}; farthest ${safeLine(farthest.id)}, ${farthest.cosine.toFixed(3)}.`,
  )
  if (withoutVector > 0) terminal.note(`${plural(withoutVector, 'item')} left out: the model knows no word of them`)
}

const columns: readonly Column<SampledItem>[] = [
  { name: 'stands for', value: ({ standsFor }) => standsFor },
  { name: 'id', value: ({ id }) => id, style: 'cyan' },
  { name: 'text', value: ({ title, text }) => title ?? text.slice(0, 200).toWellFormed() },
]
