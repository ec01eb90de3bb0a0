import { showUsd } from '../core/run-ledger.ts'
import type { CollectionStatus } from '../spec/collection.ts'
import type { Quote } from '../spec/usage.ts'
import { describePrice, describeReceipt } from './print-receipt.ts'
import { bytes, count, duration, plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

/** What an `add` would take: the figures on stdout, what the quote itself sent on stderr. */
export function printQuote(quote: Quote, status: Pick<CollectionStatus, 'model'>, terminal: Terminal): void {
  const { sources, unchanged, passages, texts, reused, tokens, counted, usd, host, etaMs, diskBytes } = quote
  const known = unchanged > 0 ? `, ${count(unchanged)} unchanged` : ''
  const rows: [string, string][] = [
    ['sources', `${count(sources)} new or changed${known}; ${plural(passages, 'passage')}`],
    ['to embed', `${plural(texts, 'text')}${reused > 0 ? `, ${count(reused)} known already` : ''}`],
    ['tokens', `${count(tokens)}${counted === 'estimate' ? ', estimated on the safe side' : ''}`],
    ['money', usd === null ? 'price not known' : usd === 0 ? 'nothing' : `${showUsd(usd)}${describePrice(quote)}`],
    ['time', etaMs < 1000 ? 'under a second' : `about ${duration(etaMs)}, by a probe`],
    ['disk', `about ${bytes(diskBytes)}`],
    ['model', `${safeLine(status.model)}${host === null ? ', in this process' : ` at ${safeLine(host)}`}`],
  ]
  for (const [name, value] of rows) terminal.out(`${terminal.paint('dim', name.padEnd(10))}${value}\n`)
  const asked = quote.probe.hosts.length > 0 ? `The probe, of fixed sentences: ${describeReceipt(quote.probe)}.` : ''
  terminal.note(`Nothing was added. ${asked}`.trimEnd())
}
