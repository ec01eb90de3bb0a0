import { BudgetError, InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Receipt, SpendingOptions, Tariff, UsageEntry, UsageMeter } from '../spec/usage.ts'
import type { KeptLedger } from './kept-ledger.ts'
import { wrapModel } from './wrapped-model.ts'

/** Names of `SpendingOptions`, for checks of what a verb takes. */
export const spendingOptions = [
  'maxUsd',
  'usdPerMillionTokens',
  'onReceipt',
] as const satisfies readonly (keyof SpendingOptions)[]

/**
 * The account of one run: every request, by host; tokens as the servers count them, with what was paid for and could not
 * be used, and what may have been paid for without an answer, apart.
 *
 * With a bound, a request is made only where all that was spent, all that is under way and its own estimate stay within
 * it. The estimate is scaled by the worst ratio of a server's count to it so far.
 */
export class RunLedger implements UsageMeter {
  private readonly model: EmbeddingModel
  private readonly tariff: Tariff | undefined
  private readonly maxUsd: number | undefined
  private readonly price: number | null
  private readonly hosts = new Map<string, { requests: number; bytesSent: number }>()
  private requests = 0
  private tokens = 0
  private unusableTokens = 0
  private lostRequests = 0
  private lostTokens = 0
  private isEstimated = false
  private underWay = 0
  private worstRatio = 1

  /** @throws {InvalidArgumentError} for a bound or price out of range, and for a bound where no price is known. */
  constructor(model: EmbeddingModel, { maxUsd, usdPerMillionTokens }: SpendingOptions = {}) {
    this.model = model
    this.tariff = model.tariff
    this.maxUsd = maxUsd
    if (maxUsd !== undefined && !(Number.isFinite(maxUsd) && maxUsd > 0))
      throw new InvalidArgumentError('options.maxUsd', 'US dollars > 0', maxUsd)
    if (usdPerMillionTokens !== undefined && !(Number.isFinite(usdPerMillionTokens) && usdPerMillionTokens >= 0))
      throw new InvalidArgumentError('options.usdPerMillionTokens', 'US dollars ≥ 0', usdPerMillionTokens)
    const known = this.tariff === undefined ? (runsHere(model) ? 0 : null) : this.tariff.usdPerMillionTokens
    this.price = usdPerMillionTokens ?? known
    if (maxUsd !== undefined && this.price === null)
      throw new InvalidArgumentError(
        'options.maxUsd',
        'a model whose price is known',
        `${model.passport.provider}/${model.passport.model}`,
        'Give its price too: options.usdPerMillionTokens.',
      )
  }

  request(host: string, estimate: number): UsageEntry {
    let isSent = false
    let read = 0
    const arrive = () => {
      if (isSent) this.underWay -= estimate
      isSent = false
    }
    return {
      send: (bytes) => {
        this.assertAffordable(estimate)
        isSent = true
        this.underWay += estimate
        const known = this.hosts.get(host) ?? { requests: 0, bytesSent: 0 }
        this.hosts.set(host, { ...known, bytesSent: known.bytesSent + bytes })
      },
      refused: arrive,
      lost: () => {
        arrive()
        this.lostRequests++
        this.lostTokens += estimate
      },
      answered: (counted) => {
        arrive()
        const known = this.hosts.get(host) ?? { requests: 0, bytesSent: 0 }
        this.hosts.set(host, { ...known, requests: known.requests + 1 })
        this.requests++
        read = counted ?? estimate
        this.tokens += read
        if (counted === undefined) this.isEstimated = true
        else if (estimate > 0) this.worstRatio = Math.max(this.worstRatio, counted / estimate)
      },
      unusable: () => {
        this.unusableTokens += read
      },
    }
  }

  /** Tokens that a model in this process has read. */
  readHere(tokens: number): void {
    this.tokens += tokens
  }

  /** @throws {BudgetError} when `tokens` more, all at once, could cost more than is left. */
  assertAffordable(tokens: number): void {
    if (this.maxUsd === undefined || this.price === null) return
    const spentUsd = this.usdOf(this.tokens + this.lostTokens)
    const nextUsd = this.usdOf((this.underWay + tokens) * this.worstRatio)
    if (spentUsd + nextUsd <= this.maxUsd) return
    throw new BudgetError(
      `options.maxUsd: expected to spend at most ${showUsd(this.maxUsd)}, got ${showUsd(spentUsd)} spent and up to ${showUsd(nextUsd)} for what comes next.`,
      {
        maxUsd: this.maxUsd,
        spentUsd,
        remedy: 'The call was not made and what was done before it is kept. Allow more, or embed less.',
      },
    )
  }

  receipt(): Receipt {
    const { tariff } = this
    return {
      requests: this.requests,
      tokens: this.tokens,
      counted: this.isEstimated ? 'estimate' : 'exact',
      unusableTokens: this.unusableTokens,
      lostRequests: this.lostRequests,
      lostTokens: this.lostTokens,
      usd: this.price === null ? null : this.usdOf(this.tokens),
      usdPerMillionTokens: this.price,
      pricedOn: tariff?.usdPerMillionTokens === this.price ? tariff.pricedOn : null,
      hosts: [...this.hosts].map(([host, { requests, bytesSent }]) => ({ host, requests, bytesSent })),
      leftTheMachine:
        this.hosts.size > 0 ? tariff?.isHere !== true : tariff !== undefined || runsHere(this.model) ? false : null,
    }
  }

  private usdOf(tokens: number): number {
    return ((this.price ?? 0) * tokens) / 1e6
  }
}

/** The same model, whose every call is put down in `ledger` and, where one is given, in what the store keeps. */
export function withLedger(model: EmbeddingModel, ledger: RunLedger, kept?: KeptLedger): EmbeddingModel {
  return wrapModel(model, {
    async embed(texts, options) {
      const prompt = options.task === 'query' ? model.passport.queryPrompt : model.passport.documentPrompt
      const estimate = kept === undefined ? 0 : texts.reduce((sum, text) => sum + model.countTokens(prompt + text), 0)
      await kept?.begin(estimate)
      try {
        const answer = await model.embed(texts, { ...options, meter: ledger })
        if (model.tariff === undefined) ledger.readHere(answer.usage.tokens)
        return answer
      } finally {
        await kept?.end(estimate)
      }
    },
  })
}

/** A sum of money, with as many digits as it takes to see it. */
export function showUsd(usd: number): string {
  if (usd === 0 || usd >= 0.01) return `$${usd.toFixed(2)}`
  return `$${usd.toFixed(Math.min(12, 1 - Math.floor(Math.log10(usd))))}`
}

/** Models whose weights are hashed are computed in this process; into others nobody here can see. */
function runsHere(model: EmbeddingModel): boolean {
  return model.passport.weightsDigest !== ''
}
