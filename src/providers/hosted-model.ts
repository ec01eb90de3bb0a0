import { InvalidArgumentError, InvalidVectorError, ProviderError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import type { Tariff, UsageEntry, UsageMeter } from '../spec/usage.ts'
import { AnswerError, decodeRow } from './answer-rows.ts'
import { estimateTokens, fewestTokens } from './estimate-tokens.ts'
import type { PostOptions } from './http.ts'
import { TooLargeError } from './http-failure.ts'

/** Put before a text by its role; a role without one takes the document's. */
export type Prompts = Partial<Readonly<Record<EmbeddingTask, string>>>

export interface HostedAnswer {
  /**
   * One a text, in their order: an array of numbers, or base64. Asked for once the tokens are counted, for an answer
   * that is none is paid all the same.
   *
   * @throws {AnswerError} for an answer of another shape.
   */
  readonly rows: () => readonly unknown[]
  /** As the server counts them; undefined where it does not say. */
  readonly tokens: number | undefined
}

export interface HostedModelParts {
  readonly provider: string
  readonly model: string
  readonly dimensions: number
  readonly limits: ModelLimits
  readonly cost: EmbeddingModel['cost']
  readonly prompts?: Prompts | undefined
  readonly tariff: Tariff
  /** @default an estimate on the safe side */
  readonly countTokens?: ((text: string) => number) | undefined
  /** One request, all its attempts; what is given is for `HttpClient.post`. */
  readonly request: (texts: readonly string[], task: EmbeddingTask, post: PostOptions) => Promise<HostedAnswer>
}

/** Statuses by which a server refuses what was sent, not who sends it or when. */
const refusals: readonly (number | undefined)[] = [400, 413, 422]
/** Rows kept after failed calls, at most. */
const mostSalvaged = 8192
/** Texts of fewer words in all are too few to tell cutting from odd counting. */
const wordsToJudge = 100
/** A few words share a token in some vocabularies ("U.S."). */
const leastTokensPerWord = 0.75

/**
 * A hosted model from one request function: prompts by role, rows decoded and brought to unit length, answers that are
 * none asked once more, a refused call halved until the one bad text is found (and later calls kept as small as the
 * server takes them), and texts that a server cuts silently seen by its own count.
 *
 * What a failing call had already paid for is kept in memory and answers the caller's next try.
 * `weightsDigest` stays empty, for hosted weights cannot be hashed and their answers vary in the last digits: a change of
 * weights under one name is what `core/canary` finds.
 */
export function hostedModel(parts: HostedModelParts): EmbeddingModel {
  const { provider, model, dimensions, limits, prompts = {} } = parts
  const passport: Passport = {
    provider,
    model,
    weightsDigest: '',
    tokenizerDigest: '',
    dimensions,
    pooling: 'hosted',
    queryPrompt: prompts.query ?? '',
    documentPrompt: prompts.document ?? '',
    normalized: true,
    maxTokens: Number.isFinite(limits.tokensPerText) ? limits.tokensPerText : null,
    dtype: 'hosted',
  }
  const salvaged = new Map<string, Float32Array>()
  const account: Account = { owedTokens: 0, hasAnswered: false, tokensThatFit: Infinity }
  const countTokens = parts.countTokens ?? estimateTokens

  async function embed(texts: readonly string[], { task, signal, meter }: EmbedCallOptions): Promise<Embeddings> {
    signal?.throwIfAborted()
    const prompt = prompts[task] ?? prompts.document ?? ''
    const inputs = texts.map((text) => prompt + text)
    const counts = inputs.map(countTokens)
    assertTexts(texts, counts, limits)
    const keys = texts.map((text) => `${task} ${text}`)
    const call = new Call(parts, inputs, { task, signal, meter, counts, account })
    for (const [i, key] of keys.entries()) call.rows[i] = salvaged.get(key)
    try {
      await call.run()
    } catch (error) {
      if (salvaged.size > mostSalvaged) salvaged.clear()
      for (const [i, row] of call.rows.entries()) if (row !== undefined) salvaged.set(keys[i] as string, row)
      account.owedTokens += call.tokens
      throw error
    }
    const vectors = createMatrix(texts.length, dimensions, undefined, passport)
    for (const [i, row] of call.rows.entries()) {
      vectors.data.set(row as Float32Array, i * dimensions)
      salvaged.delete(keys[i] as string)
    }
    const tokens = call.tokens + account.owedTokens
    account.owedTokens = 0
    return { vectors, usage: { tokens } }
  }

  const { cost, tariff } = parts
  return { passport, limits, cost, tariff, countsExactly: parts.countTokens !== undefined, countTokens, embed }
}

function assertTexts(texts: readonly string[], counts: readonly number[], limits: ModelLimits): void {
  if (texts.length > limits.textsPerCall)
    throw new InvalidArgumentError('texts', `at most ${limits.textsPerCall} a call`, texts.length)
  for (const [i, tokens] of counts.entries()) {
    if ((texts[i] as string).trim() === '')
      throw new InvalidVectorError(`texts[${i}]`, 'a text with a letter or a sign', 'an empty one', { row: i })
    if (tokens > limits.tokensPerText)
      throw new InvalidArgumentError(
        `texts[${i}]`,
        `at most ${limits.tokensPerText} tokens, the model's window`,
        tokens,
        'Split it into passages first; nothing is cut silently.',
      )
  }
}

/** What the calls of one model know together. */
interface Account {
  /** Read for calls that failed, not yet told to the caller. */
  owedTokens: number
  /** The model has given a vector before, so a refusal now is the text's fault. */
  hasAnswered: boolean
  /** Tokens of one request, by our count, that the server takes: learnt where it found one too large and its halves not. */
  tokensThatFit: number
}

interface CallContext {
  readonly task: EmbeddingTask
  readonly signal: AbortSignal | undefined
  readonly meter: UsageMeter | undefined
  /** Tokens of each text by our count, prompt included. */
  readonly counts: readonly number[]
  readonly account: Account
}

/** One `embed`: the rows found so far, and the texts the server would not embed. */
class Call {
  readonly rows: (Float32Array | undefined)[]
  tokens = 0
  private readonly parts: HostedModelParts
  private readonly inputs: readonly string[]
  private readonly context: CallContext
  /** Of the largest call, which says most. */
  private firstRefusal: ProviderError | undefined
  private readonly refused: { readonly row: number; readonly error: ProviderError }[] = []

  constructor(parts: HostedModelParts, inputs: readonly string[], context: CallContext) {
    this.parts = parts
    this.inputs = inputs
    this.context = context
    this.rows = new Array<Float32Array | undefined>(inputs.length).fill(undefined)
  }

  async run(): Promise<void> {
    const wanted = this.inputs.flatMap((_, i) => (this.rows[i] === undefined ? [i] : []))
    for (const part of this.thatFit(wanted)) await this.ask(part)
    const first = this.refused[0]
    if (first === undefined) return
    if (!this.context.account.hasAnswered) throw this.firstRefusal ?? first.error
    const { provider, model } = this.parts
    throw new InvalidVectorError(`row ${first.row} of ${provider}/${model}`, 'a text the model embeds', 'a refusal', {
      row: first.row,
      remedy: 'The other texts of the call are kept.',
      cause: first.error,
    })
  }

  private learn(tokens: number): void {
    const { account } = this.context
    account.tokensThatFit = Math.min(account.tokensThatFit, tokens)
  }

  private tokensOf(indices: readonly number[]): number {
    return indices.reduce((sum, i) => sum + (this.context.counts[i] as number), 0)
  }

  /** The same indices in requests as large as the server is known to take. */
  private thatFit(indices: readonly number[]): number[][] {
    const { counts, account } = this.context
    const requests: number[][] = []
    let room = 0
    for (const index of indices) {
      const tokens = counts[index] as number
      if (requests.length === 0 || tokens > room) {
        requests.push([])
        room = account.tokensThatFit
      }
      room -= tokens
      requests.at(-1)?.push(index)
    }
    return requests
  }

  /** Embed the texts at `indices`; halve them where the server refuses them together. */
  private async ask(indices: readonly number[]): Promise<void> {
    let bad: { readonly index: number; readonly problem: string }[]
    try {
      bad = await this.request(indices)
      // A glitch passes, a bad text stays.
      if (bad.length > 0) bad = await this.request(bad.map(({ index }) => index))
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.firstRefusal ??= error
      if (indices.length === 1) return this.refuse(indices[0] as number, error)
      const middle = indices.length >> 1
      const halves = [indices.slice(0, middle), indices.slice(middle)]
      const refusedBefore = this.refused.length
      for (const half of halves) await this.ask(half)
      if (error instanceof TooLargeError && this.refused.length === refusedBefore)
        this.learn(Math.max(...halves.map((half) => this.tokensOf(half))))
      return
    }
    const { provider } = this.parts
    for (const { index, problem } of bad)
      this.refuse(index, new AnswerError(provider, 'a vector with a direction', `${problem}, twice`))
  }

  /** @throws when a second text is refused and none was ever embedded: then it is not for the texts. */
  private refuse(row: number, error: ProviderError): void {
    this.refused.push({ row, error })
    if (this.refused.length > 1 && !this.context.account.hasAnswered) throw this.firstRefusal ?? error
  }

  /** Ask once, and once more where the answer is none. @returns the rows without a direction; the others are filled in. */
  private async request(indices: readonly number[]): Promise<{ index: number; problem: string }[]> {
    const { task, signal, meter } = this.context
    const texts = indices.map((i) => this.inputs[i] as string)
    const tokens = this.tokensOf(indices)
    for (let attempt = 0; ; attempt++) {
      const entry = meter?.request(this.parts.tariff.host, tokens)
      let answer: HostedAnswer | undefined
      try {
        answer = await this.parts.request(texts, task, { signal, entry, size: { tokens, texts: texts.length } })
        return this.take(indices, texts, answer, entry)
      } catch (error) {
        if (answer !== undefined) entry?.unusable()
        if (attempt > 0 || !(error instanceof AnswerError)) throw error
      }
    }
  }

  private take(
    indices: readonly number[],
    texts: readonly string[],
    answer: HostedAnswer,
    entry: UsageEntry | undefined,
  ): { index: number; problem: string }[] {
    entry?.answered(answer.tokens)
    this.tokens += answer.tokens ?? this.tokensOf(indices)
    this.assertWhole(texts, answer.tokens)
    return this.fill(indices, answer.rows())
  }

  private fill(indices: readonly number[], rows: readonly unknown[]): { index: number; problem: string }[] {
    const { provider, dimensions } = this.parts
    const decoded = rows.map((row) => decodeRow(provider, row, dimensions))
    return decoded.flatMap((row, i) => {
      const index = indices[i] as number
      if ('problem' in row) return [{ index, problem: row.problem }]
      this.rows[index] = row.values
      this.context.account.hasAnswered = true
      return []
    })
  }

  /** @throws {ProviderError} when the server counts fewer tokens than the texts have words. */
  private assertWhole(texts: readonly string[], tokens: number | undefined): void {
    if (tokens === undefined || tokens <= 0) return
    const words = texts.reduce((sum, text) => sum + fewestTokens(text), 0)
    if (words < wordsToJudge || tokens >= words * leastTokensPerWord) return
    throw new ProviderError(
      this.parts.provider,
      `expected the server to read all ${words} words, got a count of ${tokens} tokens: it cuts texts silently.`,
      { remedy: 'Cut passages shorter (options.maxTokens), or make the server refuse texts over its window.' },
    )
  }
}

function isRefusal(error: unknown): error is ProviderError {
  return (
    error instanceof AnswerError ||
    error instanceof TooLargeError ||
    (error instanceof ProviderError && refusals.includes(error.status))
  )
}
