/** What the texts of a model that is asked over a network go to, and what reading them costs. */
export interface Tariff {
  /** Host and port of the server, or the name of the client that hides it. */
  readonly host: string
  /** The server is this machine, so that nothing leaves it as far as can be told. */
  readonly isHere: boolean
  /** US dollars for a million tokens; null where no price is known. */
  readonly usdPerMillionTokens: number | null
  /** Year and month in which the price was seen; null where the caller gave it, or none is known. */
  readonly pricedOn: string | null
}

/** One request with all its attempts, as the account of a run sees it. */
export interface UsageEntry {
  /** An attempt is about to be sent. @throws {BudgetError} when it could cost more than is left; then nothing may be sent. */
  send(bytes: number): void
  /** The attempt was refused, so it costs nothing. */
  refused(): void
  /** No whole answer came: nobody here can tell whether the attempt was paid for. */
  lost(): void
  /** A whole answer came. `tokens` as the server counts them; undefined where it does not say. */
  answered(tokens: number | undefined): void
  /** The answer that came is none to what was asked, and paid for all the same. */
  unusable(): void
}

/** The account of one run, which a model that asks a server tells of every request. */
export interface UsageMeter {
  /** @param tokens - Estimated, on the safe side. */
  request(host: string, tokens: number): UsageEntry
}

/** What a run sent, to whom, and what that cost. */
export interface Receipt {
  /** Requests that were answered. */
  readonly requests: number
  /** Tokens read, as the servers count them. Of a model that runs here, as its tokenizer counts them. */
  readonly tokens: number
  /** `estimate` where a server did not say how many tokens it read. */
  readonly counted: 'exact' | 'estimate'
  /** Of `tokens`, those of answers that were none to what was asked. */
  readonly unusableTokens: number
  /** Requests whose answer never came whole. They may have been billed: their tokens are estimated and not part of `tokens`. */
  readonly lostRequests: number
  readonly lostTokens: number
  /** `tokens` at the price; 0 for models that run here; null where no price is known. */
  readonly usd: number | null
  readonly usdPerMillionTokens: number | null
  /** Year and month in which the price was seen. */
  readonly pricedOn: string | null
  /** Who was asked, with the bytes of the requests' bodies, repeated attempts included. */
  readonly hosts: readonly { readonly host: string; readonly requests: number; readonly bytesSent: number }[]
  /** Whether texts left this machine; null for a model of the caller's own, into which nobody here can see. */
  readonly leftTheMachine: boolean | null
}

/** What all paid runs of a collection used together, as its file keeps it. */
export interface KeptUsage {
  readonly requests: number
  readonly tokens: number
  readonly unusableTokens: number
  /** Of requests without a whole answer and of calls that a crash cut off: they may have been billed, at most so much. */
  readonly lostTokens: number
  /** At the prices of the runs; null where one of them had none. */
  readonly usd: number | null
  readonly bytesSent: number
}

/** What a run may cost, and the account of it. */
export interface SpendingOptions {
  /**
   * US dollars the run may cost, > 0. The call that could exceed them is not made and the run ends with a `BudgetError`;
   * what was paid for before is kept.
   *
   * @default no bound
   */
  readonly maxUsd?: number | undefined
  /** US dollars for a million tokens, ≥ 0, where yours is another price than the published one, or none is known. @default the model's */
  readonly usdPerMillionTokens?: number | undefined
  /** Gets the account at the end of the run, however it ends. */
  readonly onReceipt?: ((receipt: Receipt) => void) | undefined
}

/** What an `add` would take. */
export interface Quote {
  /** Sources that are new or changed. */
  readonly sources: number
  readonly unchanged: number
  readonly passages: number
  /** Texts the model would embed, each once; and passages answered by an equal text or by what is known already. */
  readonly texts: number
  readonly reused: number
  /** Of those texts, prompts included. */
  readonly tokens: number
  /** `estimate` where the model's own tokenizer is not here; on the safe side then. */
  readonly counted: 'exact' | 'estimate'
  /** US dollars; null where no price is known. */
  readonly usd: number | null
  readonly usdPerMillionTokens: number | null
  readonly pricedOn: string | null
  /** Requests, about. */
  readonly calls: number
  /** Who would get the texts; null for a model in this process. */
  readonly host: string | null
  /** By the probe. */
  readonly etaMs: number
  /** What the probe itself sent and cost. */
  readonly probe: Receipt
  /** Bytes the collection would grow by, about. */
  readonly diskBytes: number
}
