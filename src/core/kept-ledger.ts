import type { Store } from '../spec/store.ts'
import type { KeptUsage } from '../spec/usage.ts'
import type { RunLedger } from './run-ledger.ts'

interface Setting extends KeptUsage {
  /** Estimate of the calls that were begun and not told the end of: what a crash leaves behind. */
  readonly underWayTokens: number
}

const settingName = 'ledger'
const nothing: KeptUsage = {
  requests: 0,
  tokens: 0,
  unusableTokens: 0,
  lostTokens: 0,
  usd: 0,
  bytesSent: 0,
}

/** What the collection's paid runs used so far; undefined where there was none. */
export async function keptUsage(store: Store): Promise<KeptUsage | undefined> {
  const setting = (await store.setting(settingName)) as Setting | undefined
  if (setting === undefined) return undefined
  const { underWayTokens, lostTokens, ...rest } = setting
  return { ...rest, lostTokens: lostTokens + underWayTokens }
}

/** What the runs of one store have used; runs at once write one sum, so that none overwrites another's. */
interface Account {
  /** Of the runs that have ended. */
  settled: KeptUsage
  readonly runs: Set<KeptLedger>
}

/** Accounts with a run under way in this process; other processes wait until its writer is done. */
const accounts = new WeakMap<Store, { readonly account: Promise<Account>; users: number }>()

/**
 * Keeps a run's account in the store: a call is put down before it is made and again when it has ended, so that after a
 * crash the file knows what was paid for, and how much more at most.
 */
export class KeptLedger {
  private readonly store: Store
  private readonly ledger: RunLedger
  private readonly account: Account
  private underWayTokens = 0

  private constructor(store: Store, ledger: RunLedger, account: Account) {
    this.store = store
    this.ledger = ledger
    this.account = account
    account.runs.add(this)
  }

  /** Only as the store's writer. Whoever opens it closes it. */
  static async open(store: Store, ledger: RunLedger): Promise<KeptLedger> {
    const shared = accounts.get(store) ?? { account: readAccount(store), users: 0 }
    accounts.set(store, shared)
    shared.users++
    try {
      return new KeptLedger(store, ledger, await shared.account)
    } catch (error) {
      leave(store)
      throw error
    }
  }

  async begin(tokens: number): Promise<void> {
    this.underWayTokens += tokens
    await this.write()
  }

  async end(tokens: number): Promise<void> {
    this.underWayTokens -= tokens
    await this.write()
  }

  close(): void {
    this.account.settled = plus(this.account.settled, this.ledger)
    this.account.runs.delete(this)
    leave(this.store)
  }

  private async write(): Promise<void> {
    const runs = [...this.account.runs]
    const used = runs.reduce((sum, { ledger }) => plus(sum, ledger), this.account.settled)
    const underWayTokens = runs.reduce((sum, run) => sum + run.underWayTokens, 0)
    await this.store.setSetting(settingName, { ...used, underWayTokens } satisfies Setting)
  }
}

async function readAccount(store: Store): Promise<Account> {
  return { settled: (await keptUsage(store)) ?? nothing, runs: new Set() }
}

function leave(store: Store): void {
  const shared = accounts.get(store)
  if (shared !== undefined && --shared.users === 0) accounts.delete(store)
}

function plus(before: KeptUsage, ledger: RunLedger): KeptUsage {
  const now = ledger.receipt()
  return {
    requests: before.requests + now.requests,
    tokens: before.tokens + now.tokens,
    unusableTokens: before.unusableTokens + now.unusableTokens,
    lostTokens: before.lostTokens + now.lostTokens,
    usd: before.usd === null || now.usd === null ? null : before.usd + now.usd,
    bytesSent: before.bytesSent + now.hosts.reduce((sum, host) => sum + host.bytesSent, 0),
  }
}
