import type { ClassifierReport, Interval } from '../analyses/classify/evaluate.ts'
import type { Prediction } from '../analyses/classify/predict.ts'
import type { Classifier } from '../analyses/classify/train.ts'
import { printJson } from './print-json.ts'
import { plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import { printTable } from './table.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const withInterval = ({ value, low, high }: Interval) => `${percent(value)} [${percent(low)}, ${percent(high)}]`

export function printTrained(
  { method, classes, calibration, sure }: Classifier,
  { items, out }: { readonly items: number; readonly out: string },
  terminal: Terminal,
  format: TableFormat,
): void {
  if (format === 'json') {
    printJson({ out, method, classes, items, calibration, sure }, terminal)
    return
  }
  const say = (text: string) => terminal.note(text)
  say(`${safeLine(out)}: ${method} classifier of ${classes.length} classes from ${items} examples.`)
  if (calibration === undefined) {
    say('Nothing could be held out, so its probabilities only rank.')
    return
  }
  say(
    `Held-out answers: ${percent(calibration.accuracy)} right; calibration error ${percent(calibration.error)} ` +
      `(${calibration.answers} answers).`,
  )
  if (sure === undefined) say('No threshold makes its answers as reliable as asked: none will be called unsure.')
  else
    say(
      `Unsure below ${percent(sure.threshold)}: ${percent(sure.coverage)} of the answers are sure, ` +
        `${percent(sure.accuracy)} of these right.`,
    )
}

export function printPredictions(
  names: readonly string[],
  predictions: readonly Prediction[],
  terminal: Terminal,
  format: TableFormat,
): void {
  const rows = predictions.map((prediction, i) => ({ name: names[i] as string, ...prediction }))
  if (format === 'json') {
    printJson({ predictions: rows.map(({ name, ...rest }) => ({ item: name, ...rest })) }, terminal)
    return
  }
  printTable(
    [
      { name: 'item', value: ({ name }) => name },
      { name: 'label', value: ({ label }) => label, style: 'bold' },
      { name: 'probability', value: ({ probability }) => probability, digits: 3 },
      { name: 'unsure', value: ({ isUnsure }) => (isUnsure === true ? 'unsure' : undefined) },
      { name: 'next', value: ({ ranked }) => ranked[1]?.label },
    ],
    rows,
    terminal,
    format,
  )
}

export function printReport(report: ClassifierReport, terminal: Terminal, format: TableFormat): void {
  if (format === 'json') {
    printJson(report, terminal)
    return
  }
  printTable(
    [
      { name: 'class', value: ({ label }) => label },
      { name: 'items', value: ({ items }) => items },
      { name: 'precision', value: ({ precision }) => precision, digits: 3 },
      { name: 'recall', value: ({ recall }) => recall, digits: 3 },
      { name: 'f1', value: ({ f1 }) => f1, digits: 3 },
    ],
    report.classes,
    terminal,
    format,
  )
  const say = (text: string) => terminal.note(text)
  say(
    `accuracy ${withInterval(report.accuracy)}, macro F1 ${withInterval(report.macroF1)} over ${plural(report.items, 'item')}`,
  )
  say(
    `calibration error ${withInterval(report.calibrationError)}; ` +
      `with ${plural(report.items, 'answer')} true probabilities would have ${percent(report.calibrationErrorByChance)} by chance`,
  )
  if (report.coverage !== undefined && report.sureAccuracy !== undefined)
    say(`sure of ${withInterval(report.coverage)}, of which ${withInterval(report.sureAccuracy)} right`)
  const [worst] = report.confusions
  if (worst !== undefined)
    say(
      `most confused: ${safeLine(worst.truth)} taken for ${safeLine(worst.predicted)}, ${plural(worst.items, 'time')}`,
    )
}
