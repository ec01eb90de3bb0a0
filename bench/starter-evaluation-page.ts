import type { EvaluationTask } from '../src/core/evaluation-tasks.ts'
import { percentileInterval } from '../src/evaluate/bootstrap.ts'
import { meanOf, type Replicated, ratioOf } from '../src/evaluate/compare-evaluations.ts'
import type { Evaluation } from '../src/evaluate/evaluation.ts'

export interface Measured {
  readonly task: Pick<EvaluationTask, 'label' | 'type'>
  readonly contestant: string
  readonly evaluation: Evaluation
  readonly cut: number
}

const reference = 'MiniLM int8'
const groups = [
  { type: 'STS', title: 'Similarity', measure: "Spearman's correlation × 100" },
  { type: 'Retrieval', title: 'Retrieval', measure: 'nDCG@10 × 100' },
  { type: 'Classification', title: 'Classification', measure: 'Accuracy × 100, 8 examples a label, 10 draws' },
  { type: 'Clustering', title: 'Clustering', measure: 'V-measure × 100, k-means, 10 draws' },
] as const

/** docs/evaluation.md, for a starter of these weights: means with their ratio to MiniLM int8 first, then every set. */
export function evaluationPage(measured: readonly Measured[], weightsDigest: string): string {
  const contestants = [...new Set(measured.map(({ contestant }) => contestant))]
  const lines = [
    '# Evaluation',
    '',
    'How good is the starter? Measured beside all-MiniLM-L6-v2 (its teacher, ten times its size), Vecino’s word search (BM25) and its hybrid search (with the starter), on sets that no training has seen and no choice was made by (see below). `node bench/starter-evaluation.bench.ts` makes this page; `vecino eval` measures any model on files of yours in the same way.',
    '',
    'In brackets 95 % bootstrap intervals over the sets’ pairs, queries and texts. All systems see the same draws, so the ratios are paired: what makes a set hard for both cancels.',
    '',
    '## Means',
    '',
    `| | ${contestants.join(' | ')} |`,
    `|---|${contestants.map(() => '---:').join('|')}|`,
  ]
  for (const { type, title } of groups) {
    const of = new Map(contestants.map((contestant) => [contestant, meanFor(measured, type, contestant)]))
    const count = new Set(measured.filter(({ task }) => task.type === type).map(({ task }) => task.label)).size
    lines.push(row(`${title}, ${count} sets`, contestants, (contestant) => shown(of.get(contestant))))
    const base = of.get(reference)
    if (base !== undefined)
      lines.push(
        row(`· as share of ${reference}`, contestants, (contestant) =>
          contestant === reference ? '' : share(of.get(contestant), base),
        ),
      )
  }
  for (const { type, title, measure } of groups) {
    const some = measured.filter(({ task }) => task.type === type)
    if (some.length === 0) continue
    const shownHere = contestants.filter((contestant) => some.some((one) => one.contestant === contestant))
    lines.push('', `## ${title}`, '', `${measure}.`, '')
    lines.push(`| set | ${shownHere.join(' | ')} |`, `|---|${shownHere.map(() => '---:').join('|')}|`)
    for (const label of new Set(some.map(({ task }) => task.label)))
      lines.push(
        row(label, shownHere, (contestant) =>
          shown(some.find((one) => one.task.label === label && one.contestant === contestant)?.evaluation),
        ),
      )
  }
  lines.push('', '## How it was measured', '', ...method(measured, weightsDigest), '')
  return lines.join('\n')
}

function method(measured: readonly Measured[], weightsDigest: string): string[] {
  const cut = measured.filter((one) => one.contestant === reference).reduce((sum, one) => sum + one.cut, 0)
  return [
    `- The starter measured has weights of digest ${weightsDigest.slice(0, 12)}, as \`vecino embed --json\` names it in its passport.`,
    '- Procedures and names are MTEB’s; the departures stand in the functions’ docstrings. The examples that classifiers learn from, and the draws behind intervals, are the same for all models.',
    `- A model’s document is one vector of its title and text. MiniLM’s window of 256 tokens held the beginning only of ${cut.toLocaleString('en')} texts; the starter has no window.`,
    '- BM25 and hybrid are `search` itself as users get it: documents cut into passages, at most one hit a document.',
    '- Intervals of retrieval are over queries, of similarity over pairs, of classification over texts and draws of examples; of clustering over draws of texts, so they are narrow: other texts of the same kind would differ more.',
    '- All choices were made on development sets. These sets were read for five trained tables in all: the three the package had before, a candidate alike within chance to the second of them, and this one, after it was chosen.',
    '- English only. The sets come from many sources with terms of their own and are not part of the package.',
  ]
}

/** Undefined where the contestant has not all sets of the kind. */
function meanFor(measured: readonly Measured[], type: string, contestant: string): Replicated | undefined {
  const all = new Set(measured.filter(({ task }) => task.type === type).map(({ task }) => task.label))
  const own = measured.filter((one) => one.task.type === type && one.contestant === contestant)
  return own.length > 0 && own.length === all.size ? meanOf(own.map(({ evaluation }) => evaluation)) : undefined
}

function row(title: string, contestants: readonly string[], cell: (contestant: string) => string): string {
  return `| ${title} | ${contestants.map(cell).join(' | ')} |`
}

function shown(found: Replicated | undefined): string {
  if (found === undefined) return ''
  const { low, high } = percentileInterval(found.replicates)
  return `${hundredths(found.value)} [${hundredths(low)}, ${hundredths(high)}]`
}

function share(found: Replicated | undefined, base: Replicated): string {
  if (found === undefined) return ''
  const { value, interval } = ratioOf(found, base)
  return `${hundredths(value)} % [${hundredths(interval.low)}, ${hundredths(interval.high)}]`
}

function hundredths(value: number): string {
  return (100 * value).toFixed(1)
}
