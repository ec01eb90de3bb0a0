import type { Hit } from '../spec/collection.ts'
import type { Demonstration } from './demonstrate.ts'
import { closerThan, paintRuns, placeOf } from './print-hits.ts'
import { duration, plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import { snippet } from './snippet.ts'
import type { Terminal } from './terminal.ts'

const rowsEach = 2

export function printDemonstration(demonstration: Demonstration, terminal: Terminal): void {
  const { report, status, answers, firstAnswerMs } = demonstration
  terminal.out(
    `A shop's help centre, built in: ${plural(report.added, 'file')} → ${plural(report.passages, 'passage')}, 0 cut; ` +
      `first answer after ${duration(firstAnswerMs)}.\n`,
  )
  for (const { query, words, meaning, both } of answers) {
    terminal.out(`\n${terminal.paint('bold', `"${safeLine(query)}"`)}\n`)
    printWay('by words', words, terminal)
    printWay('by meaning', meaning, terminal)
    printWay('by both', both, terminal)
    if (words.length + meaning.length + both.length === 0) terminal.out('  Nothing here answers that.\n')
  }
  terminal.out(`
The model is the starter: ${status.dimensions} dimensions, part of the package, runs anywhere.
A transformer understands more. With one in a folder: vecino add ./docs --model <folder>

next:  vecino try --query "your own question"
       vecino add ./docs                  your own folder, into a collection here
       vecino search "your question"
`)
}

function printWay(way: string, hits: readonly Hit[], terminal: Terminal): void {
  const label = `  ${way.padEnd(11)} `
  const indent = ' '.repeat(label.length + 3)
  if (hits.length === 0) {
    terminal.out(`${label}nothing\n`)
    return
  }
  for (const [i, hit] of hits.entries()) {
    const head = i === 0 ? label : ' '.repeat(label.length)
    const certainty = hit.percentile === undefined ? '' : `   ${terminal.paint('dim', closerThan(hit.percentile))}`
    terminal.out(`${head}${i + 1}  ${terminal.paint('cyan', placeOf(hit))}${certainty}\n`)
    for (const line of snippet(hit, terminal.columns - indent.length, rowsEach))
      terminal.out(`${indent}${paintRuns(line, terminal)}\n`)
  }
}
