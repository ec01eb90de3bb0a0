import type { AddReport, CollectionStatus } from '../spec/collection.ts'
import { printStopped } from './interruption.ts'
import { printJson } from './print-json.ts'
import { describeReceipt } from './print-receipt.ts'
import { count, duration, plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

const examplesAKind = 5

/** Each kind of notice, said of one and of many. That texts were split stands among the figures. */
const kindNames: Readonly<Record<string, readonly [string, string]>> = {
  'short-text': ['text is very short: single words embed poorly', 'texts are very short: single words embed poorly'],
  'skipped-file': ['file was passed over', 'files were passed over'],
  'inferred-fields': ['table had its fields chosen', 'tables had their fields chosen'],
  'duplicate-text': ['text was met again and embedded once', 'texts were met again and embedded once'],
  note: ['note', 'notes'],
}

export interface PrintAddedOptions {
  readonly terminal: Terminal
  readonly json: boolean
  /** The collection as the user named it. */
  readonly given: string | undefined
}

/** What an `add` did: the figures on stdout, the notices by kind and the next step on stderr. */
export function printAdded(
  report: AddReport,
  status: CollectionStatus,
  { terminal, json, given }: PrintAddedOptions,
): void {
  if (json) {
    printJson(
      { ...report, cut: 0, collection: status.path, sources: status.sources, totalPassages: status.passages },
      terminal,
    )
    return
  }
  const { added, changed, unchanged, removed, passages, split, elapsedMs, reused } = report
  const read = added + changed
  const parts = [`${plural(added, 'source')} added`]
  if (changed > 0) parts.push(`${count(changed)} changed`)
  if (unchanged > 0) parts.push(`${count(unchanged)} unchanged`)
  if (removed > 0) parts.push(`${count(removed)} removed`)
  terminal.out(`${parts.join(', ')}\n`)
  if (read > 0) {
    terminal.out(
      `${plural(passages, 'passage')}; ${plural(split, 'text')} split, 0 cut; ${count(reused)} known already\n`,
    )
    const rate = elapsedMs > 0 ? `, ${plural(Math.round((1000 * passages) / elapsedMs), 'passage')}/s` : ''
    terminal.out(`${duration(elapsedMs)}${rate}\n`)
    terminal.out(`${describeReceipt(report.receipt)}\n`)
  }
  printNotices(report, terminal)
  terminal.note(
    `${safeLine(status.path)} now holds ${plural(status.passages, 'passage')} of ${plural(status.sources, 'source')}, model ${safeLine(status.model)}.`,
  )
  if (status.passages > 0) terminal.err(`next: vecino search "your question"${sameCollection(given)}\n`)
}

/** What is safe after a Ctrl-C, and how to go on. */
export function printInterrupted(status: CollectionStatus, terminal: Terminal, json: boolean): void {
  const { passages, sources, path } = status
  const kept =
    sources === 0
      ? `nothing is stored in ${safeLine(path)} yet`
      : `${plural(passages, 'passage')} of ${plural(sources, 'source')} are stored in ${safeLine(path)} and safe`
  printStopped(kept, 'Run the same command again to go on: what is stored is not read again.', terminal, json)
}

function printNotices({ notices, noticeCounts }: AddReport, terminal: Terminal): void {
  for (const [kind, total] of Object.entries(noticeCounts)) {
    if (total === 0 || kind === 'split') continue
    const [one, many] = kindNames[kind] ?? [kind, kind]
    terminal.note(`${terminal.paintError('yellow', count(total))} ${total === 1 ? one : many}`)
    const shown = notices.filter((notice) => notice.kind === kind).slice(0, examplesAKind)
    for (const { source, message } of shown) terminal.note(`    ${safeLine(source)}: ${safeLine(message)}`)
    if (total > shown.length) terminal.note(`    and ${count(total - shown.length)} more (all of them: --json)`)
  }
}

/** The flag that names the same collection again, where one was needed. */
function sameCollection(given: string | undefined): string {
  if (given === undefined) return ''
  return ` --collection ${/^[\w./-]+$/.test(given) ? given : `'${given.replaceAll("'", "'\\''")}'`}`
}
