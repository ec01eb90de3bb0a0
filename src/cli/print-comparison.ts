import { heatMap } from '../analyses/picture/heat-map.ts'
import { encodePng } from '../analyses/picture/png.ts'
import { rasterize } from '../analyses/picture/rasterize.ts'
import { toSvg } from '../analyses/picture/svg.ts'
import type { TextComparison } from '../compare-texts.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { printJson } from './print-json.ts'
import { safeLine } from './sanitize.ts'
import { type Column, printTable } from './table.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'
import { writeWhole } from './write-file.ts'

const units = { cosine: 'cosine', ip: 'dot product', l2: 'Euclidean distance' }
/** More rows make a picture nobody can read the labels of. */
const mostDrawn = 200

/** A pair as a sentence, more texts as a labelled matrix. */
export function printComparison(comparison: TextComparison, terminal: Terminal, format: TableFormat): void {
  const { texts, metric, background } = comparison
  if (format === 'json') {
    const { percentiles } = comparison
    const rows = <T>(each: (at: number) => T) => texts.map((_, i) => texts.map((_, j) => each(i * texts.length + j)))
    const pairs = {
      metric: units[metric],
      texts,
      values: rows((at) => numberAt(comparison, at)),
      percentiles: rows((at) => (Number.isNaN(percentiles.data[at]) ? null : tenth(percentiles.data[at] as number))),
      background: { ...background, mean: shown(comparison, background.mean) },
      model: comparison.model,
    }
    printJson(pairs, terminal)
  } else if (format === 'table' && texts.length === 2) {
    terminal.out(`${terminal.paint('bold', numberAt(comparison, 1).toFixed(3))}  ${units[metric]}\n`)
    terminal.note(meaning(comparison, 1))
  } else {
    printTable(
      format === 'table' ? numberedColumns(comparison) : labelledColumns(comparison),
      texts.map((_, i) => i),
      terminal,
      format,
    )
    if (format === 'table') terminal.note(nearestPair(comparison))
  }
}

/** Texts as heads of columns would leave a terminal no room for the numbers. */
function numberedColumns(comparison: TextComparison): Column<number>[] {
  const { texts } = comparison
  const digits = String(texts.length).length
  const label = (i: number) => `${String(i + 1).padStart(digits)} ${texts[i]}`
  return matrixColumns(comparison, label, (j) => String(j + 1))
}

function labelledColumns(comparison: TextComparison): Column<number>[] {
  const label = (i: number) => comparison.texts[i] as string
  return matrixColumns(comparison, label, label)
}

function matrixColumns(
  comparison: TextComparison,
  rowLabel: (i: number) => string,
  columnLabel: (j: number) => string,
): Column<number>[] {
  const n = comparison.texts.length
  return [
    { name: 'text', value: rowLabel, style: 'cyan' },
    ...comparison.texts.map((_, j) => ({
      name: columnLabel(j),
      value: (i: number) => numberAt(comparison, i * n + j),
      digits: 3,
    })),
  ]
}

function nearestPair(comparison: TextComparison): string {
  const { texts, scores } = comparison
  const n = texts.length
  let best = 1
  for (let at = 0; at < n * n; at++)
    if (Math.floor(at / n) < at % n && (scores.data[at] as number) > (scores.data[best] as number)) best = at
  const [i, j] = [Math.floor(best / n), best % n]
  return `nearest: ${i + 1} and ${j + 1}, ${meaning(comparison, best)}`
}

function meaning(comparison: TextComparison, at: number): string {
  const { background, percentiles } = comparison
  const mean = shown(comparison, background.mean).toFixed(3)
  const percentile = tenth(percentiles.data[at] as number)
  return `closer than ${percentile} % of pairs of unrelated texts, which have ${mean} on average`
}

/** As people read it: distances are positive. */
function numberAt(comparison: TextComparison, at: number): number {
  return Number(shown(comparison, comparison.scores.data[at] as number).toPrecision(7))
}

function shown({ metric }: TextComparison, score: number): number {
  return metric === 'l2' ? 0 - score : score
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}

/** The matrix as a picture: pale where texts are as alike as unrelated ones, dark where they are equal. */
export async function writeHeatMap(comparison: TextComparison, path: string): Promise<void> {
  const { texts, metric, scores, background } = comparison
  if (texts.length > mostDrawn)
    throw new InvalidArgumentError(
      '--out',
      `a heat map of at most ${mostDrawn} texts`,
      texts.length,
      'Take fewer texts.',
    )
  const values = { ...scores, data: scores.data.map((_, at) => numberAt(comparison, at)) }
  const largest = scores.data.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY)
  const scene = heatMap(texts.map(safeLine), values, {
    title: `${texts.length} texts compared`,
    unit: units[metric],
    low: shown(comparison, background.mean),
    high: shown(comparison, metric === 'cosine' ? 1 : Math.max(largest, background.largest)),
  })
  if (/\.svg$/i.test(path)) return writeWhole(path, toSvg(scene))
  const { width, height, rgba } = rasterize(scene)
  return writeWhole(path, encodePng(width, height, rgba))
}
