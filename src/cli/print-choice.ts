import type { Choice, ChoiceRow } from '../core/choose.ts'
import { printJson } from './print-json.ts'
import { progressView } from './progress.ts'
import { rateOf } from './rate.ts'
import { type Column, printTable } from './table.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'

/** The choices, best first, and the one to take. */
export function printChoice(choice: Choice, terminal: Terminal, format: TableFormat): void {
  if (format === 'json') {
    printJson(choice, terminal)
    return
  }
  const columns: Column<ChoiceRow>[] = [
    { name: 'model', value: ({ model }) => model },
    { name: 'dimensions', value: ({ dimensions }) => dimensions },
    { name: 'kept as', value: ({ dtype }) => dtype },
    { name: 'nDCG@10', value: ({ ndcg }) => 100 * ndcg, digits: 1 },
    { name: '95 %', value: ({ interval: { low, high } }) => `${hundredths(low)} to ${hundredths(high)}` },
    { name: 'against the best', value: againstBest },
    { name: 'texts/s', value: ({ textsPerSecond }) => textsPerSecond, digits: 0 },
    { name: 'MB', value: ({ bytes }) => bytes / 1e6, digits: 3 },
    { name: 'US$', value: ({ usd }) => usd ?? undefined, digits: 4 },
  ]
  printTable(columns, choice.rows, terminal, format)
  const asked = choice.from === 'own' ? 'your own' : `from ${choice.from}`
  terminal.note(
    `${choice.documents} documents, ${choice.queries} questions ${asked}; nDCG@10 × 100, larger is better\n${choice.verdict}`,
  )
}

function againstBest({ difference, differenceInterval: { low, high }, isWorse }: ChoiceRow): string {
  if (difference === 0 && low === 0 && high === 0) return 'the best'
  const range = `${hundredths(difference)} (${hundredths(low)} to ${hundredths(high)})`
  return isWorse ? `worse: ${range}` : `not detectable: ${range}`
}

function hundredths(share: number): string {
  return (100 * share).toFixed(1).replace('-', '−')
}

export function chooseProgress(terminal: Terminal, json: boolean) {
  const view = progressView(terminal, json)
  let phase = ''
  let rate = rateOf(() => performance.now())
  return {
    onProgress({ model, done, total }: { model: string; done: number; total: number }): void {
      if (model !== phase) {
        phase = model
        rate = rateOf(() => performance.now())
      }
      view.show({ phase, done, total, unit: 'texts', ...rate(done, total) })
    },
    end: () => view.end(),
  }
}
