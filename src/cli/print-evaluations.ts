import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContestantResult, TaskResults } from '../core/evaluate.ts'
import { percentileInterval } from '../evaluate/bootstrap.ts'
import { differenceOf, meanOf, type Replicated } from '../evaluate/compare-evaluations.ts'
import { type MtebResult, mtebResult } from '../evaluate/mteb-result.ts'
import type { EvaluateModelsOptions } from '../evaluate-models.ts'
import { printJson } from './print-json.ts'
import { progressView } from './progress.ts'
import { rateOf } from './rate.ts'
import { type Column, printTable } from './table.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'
import { writeWhole } from './write-file.ts'

interface Row {
  readonly task: string
  readonly measure: string
  readonly model: string
  readonly score: number | undefined
  readonly interval: string | undefined
  readonly against: string | undefined
  readonly seconds: number | undefined
}

/** Scores in hundredths with 95 % intervals, and the paired difference to the first contestant. */
export function printEvaluations(results: readonly TaskResults[], terminal: Terminal, format: TableFormat): void {
  if (format === 'json') {
    printJson({ results: results.flatMap(mtebResults) }, terminal)
    return
  }
  const [first = ''] = results[0]?.results.map(({ contestant }) => contestant) ?? []
  const columns: Column<Row>[] = [
    { name: 'task', value: ({ task }) => task },
    { name: 'measure', value: ({ measure }) => measure },
    { name: 'model', value: ({ model }) => model },
    { name: 'score', value: ({ score }) => score, digits: 2 },
    { name: '95 %', value: ({ interval }) => interval },
    { name: `against ${first}`, value: ({ against }) => against },
    { name: 'seconds', value: ({ seconds }) => seconds, digits: 1 },
  ]
  const several = (results[0]?.results.length ?? 0) > 1
  printTable(
    columns.filter(({ name }) => several || !name.startsWith('against')),
    [...results.flatMap(taskRows), ...meanRows(results)],
    terminal,
    format,
  )
  if (format !== 'table') return
  for (const { task, results: each } of results)
    for (const { contestant, cut, withoutVector } of each) {
      if (cut > 0)
        terminal.note(`${task.label}: ${cut} texts are longer than the window of ${contestant}; their beginnings count`)
      if (withoutVector > 0)
        terminal.note(`${task.label}: ${contestant} knows no token of ${withoutVector} texts; they rank last`)
    }
}

function taskRows({ task, results }: TaskResults): Row[] {
  const [first] = results
  return results.map(({ contestant, evaluation, seconds }) => ({
    ...rowOf(task.label, evaluation?.measure ?? 'not measured', contestant, evaluation, first?.evaluation),
    seconds: evaluation === undefined ? undefined : seconds,
  }))
}

/** One row a measure that several tasks share and a contestant that has them all. */
function meanRows(results: readonly TaskResults[]): Row[] {
  const measures = [...new Set(results.flatMap(({ results: [one] }) => one?.evaluation?.measure ?? []))]
  return measures.flatMap((measure) => {
    const tasks = results.filter((one) => one.results.some(({ evaluation }) => evaluation?.measure === measure))
    if (tasks.length < 2) return []
    const means = (tasks[0]?.results ?? []).map(({ contestant }, i) => {
      const parts = tasks.map((one) => (one.results[i] as ContestantResult).evaluation)
      return { contestant, mean: parts.every((part) => part !== undefined) ? meanOf(parts) : undefined }
    })
    return means.map(({ contestant, mean }) =>
      rowOf(`mean of ${tasks.length}`, measure, contestant, mean, means[0]?.mean),
    )
  })
}

function rowOf(
  task: string,
  measure: string,
  model: string,
  found: Replicated | undefined,
  first: Replicated | undefined,
): Row {
  const row = { task, measure, model, score: undefined, interval: undefined, against: undefined, seconds: undefined }
  if (found === undefined) return row
  const { low, high } = percentileInterval(found.replicates)
  return {
    ...row,
    score: 100 * found.value,
    interval: `${hundredths(low)} to ${hundredths(high)}`,
    against: first === undefined || first === found ? undefined : against(found, first),
  }
}

function against(found: Replicated, first: Replicated): string {
  const { value, interval } = differenceOf(found, first)
  const signed = (share: number) => `${share < 0 ? '−' : '+'}${hundredths(Math.abs(share))}`
  return `${signed(value)} (${signed(interval.low)} to ${signed(interval.high)})`
}

function hundredths(share: number): string {
  return (100 * share).toFixed(1)
}

interface NamedResult extends MtebResult {
  readonly model: string
}

function mtebResults({ task, results }: TaskResults): NamedResult[] {
  return results.flatMap(({ contestant, evaluation, seconds }) =>
    evaluation === undefined ? [] : [{ model: contestant, ...mtebResult(task, evaluation, seconds) }],
  )
}

/** One file a model and task, with all its splits, where MTEB's readers look for it. MTEB knows no revision of these models. */
export async function writeResults(folder: string, results: readonly TaskResults[]): Promise<void> {
  const files = new Map<string, MtebResult>()
  for (const { model, ...result } of results.flatMap(mtebResults)) {
    const path = join(folder, model.replace(/[^\w.-]+/g, '__'), 'no_revision_available', `${result.task_name}.json`)
    files.set(path, { ...result, scores: { ...files.get(path)?.scores, ...result.scores } })
  }
  for (const [path, result] of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeWhole(path, `${JSON.stringify(result, null, 2)}\n`)
  }
}

/** Says which contestant is at which task, and how many of its texts are embedded. */
export function evaluationProgress(
  terminal: Terminal,
  json: boolean,
): { readonly options: Pick<EvaluateModelsOptions, 'onTask' | 'onProgress'>; end(): void } {
  const view = progressView(terminal, json)
  let phase = ''
  let rate = rateOf(() => performance.now())
  return {
    options: {
      onTask: ({ label }, { name }) => {
        phase = `${label}, ${name}`
        rate = rateOf(() => performance.now())
      },
      onProgress: ({ done, total }) => view.show({ phase, done, total, unit: 'texts', ...rate(done, total) }),
    },
    end: () => view.end(),
  }
}
