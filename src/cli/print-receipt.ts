import { showUsd } from '../core/run-ledger.ts'
import type { Receipt } from '../spec/usage.ts'
import { bytes, count, plural } from './progress.ts'
import { safeLine } from './sanitize.ts'

/** What a run sent, to whom, and what that cost, on one line. */
export function describeReceipt(receipt: Receipt): string {
  const { hosts, requests, tokens, unusableTokens, lostRequests, lostTokens, leftTheMachine } = receipt
  if (hosts.length === 0)
    return leftTheMachine === null ? 'what the model itself sends cannot be seen from here' : 'nothing left the machine'
  const sent = hosts.reduce((sum, host) => sum + host.bytesSent, 0)
  const names = hosts.map(({ host }) => safeLine(host)).join(', ')
  const parts = [
    `${plural(requests, 'request')}, ${bytes(sent)} to ${names}`,
    `${plural(tokens, 'token')}${receipt.counted === 'estimate' ? ' (estimated)' : ''}`,
    priceOf(receipt),
  ]
  if (unusableTokens > 0) parts.push(`${count(unusableTokens)} of the tokens for answers that could not be used`)
  if (lostRequests > 0)
    parts.push(
      `${plural(lostRequests, 'request')} without a whole answer, which may have been billed: up to ${count(lostTokens)} tokens more`,
    )
  if (leftTheMachine === false) parts.push('nothing left the machine')
  return parts.join('; ')
}

function priceOf({ usd, usdPerMillionTokens, pricedOn }: Receipt): string {
  if (usd === null || usdPerMillionTokens === null) return 'price not known'
  return `${showUsd(usd)}${describePrice({ usdPerMillionTokens, pricedOn })}`
}

/** ` at $0.02 a million tokens (price seen 2025-11)`; nothing for what is free. */
export function describePrice({
  usdPerMillionTokens,
  pricedOn,
}: Pick<Receipt, 'usdPerMillionTokens' | 'pricedOn'>): string {
  if (usdPerMillionTokens === null || usdPerMillionTokens === 0) return ''
  return ` at ${showUsd(usdPerMillionTokens)} a million tokens${pricedOn === null ? '' : ` (price seen ${pricedOn})`}`
}
