import type { Store } from '../spec/store.ts'
import type { KeptUsage } from '../spec/usage.ts'
import type { RunLedger } from './run-ledger.ts'

interface Setting extends KeptUsage {
  /** Estimate of the calls that were begun and not told the end of: what a crash leaves behind. */
  readonly underWayTokens: number
}

const settingName = 'ledger'
const nothing: Setting = {
  requests: 0,
  tokens: 0,
  unusableTokens: 0,
  lostTokens: 0,
  usd: 0,
  bytesSent: 0,
  underWayTokens: 0,
}

/** What the collection's paid runs used so far; undefined where there was none. */
export async function keptUsage(store: Store): Promise<KeptUsage | undefined> {
  const setting = (await store.setting(settingName)) as Setting | undefined
  if (setting === undefined) return undefined
  const { underWayTokens, lostTokens, ...rest } = setting
  return { ...rest, lostTokens: lostTokens + underWayTokens }
}

/**
 * Keeps a run's account in the store: a call is put down before it is made and again when it has ended, so that after a
 * crash the file knows what was paid for, and how much more at most.
 */
export class KeptLedger {
  private readonly store: Store
  private readonly ledger: RunLedger
  private readonly before: KeptUsage
  private underWayTokens = 0

  private constructor(store: Store, ledger: RunLedger, before: KeptUsage) {
    this.store = store
    this.ledger = ledger
    this.before = before
  }

  static async open(store: Store, ledger: RunLedger): Promise<KeptLedger> {
    return new KeptLedger(store, ledger, (await keptUsage(store)) ?? nothing)
  }

  async begin(tokens: number): Promise<void> {
    this.underWayTokens += tokens
    await this.write()
  }

  async end(tokens: number): Promise<void> {
    this.underWayTokens -= tokens
    await this.write()
  }

  private async write(): Promise<void> {
    const { before } = this
    const now = this.ledger.receipt()
    await this.store.setSetting(settingName, {
      requests: before.requests + now.requests,
      tokens: before.tokens + now.tokens,
      unusableTokens: before.unusableTokens + now.unusableTokens,
      lostTokens: before.lostTokens + now.lostTokens,
      usd: before.usd === null || now.usd === null ? null : before.usd + now.usd,
      bytesSent: before.bytesSent + now.hosts.reduce((sum, host) => sum + host.bytesSent, 0),
      underWayTokens: this.underWayTokens,
    } satisfies Setting)
  }
}
