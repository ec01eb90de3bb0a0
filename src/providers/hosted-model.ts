import { InvalidArgumentError, InvalidVectorError, ProviderError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { EmbedCallOptions, EmbeddingModel, Embeddings, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import type { Passport } from '../spec/passport.ts'
import { AnswerError, decodeRow } from './answer-rows.ts'
import { estimateTokens, fewestTokens } from './estimate-tokens.ts'

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
  /** One request. */
  readonly request: (
    texts: readonly string[],
    task: EmbeddingTask,
    signal: AbortSignal | undefined,
  ) => Promise<HostedAnswer>
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
 * none asked once more, a refused call halved until the one bad text is found, and texts that a server cuts silently
 * seen by its own count.
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
  const account = { owedTokens: 0, hasAnswered: false }

  async function embed(texts: readonly string[], { task, signal }: EmbedCallOptions): Promise<Embeddings> {
    signal?.throwIfAborted()
    const prompt = prompts[task] ?? prompts.document ?? ''
    const inputs = texts.map((text) => prompt + text)
    assertTexts(texts, inputs, limits)
    const keys = texts.map((text) => `${task} ${text}`)
    const call = new Call(parts, inputs, { task, signal, hasAnswered: account.hasAnswered })
    for (const [i, key] of keys.entries()) call.rows[i] = salvaged.get(key)
    try {
      await call.run()
    } catch (error) {
      if (salvaged.size > mostSalvaged) salvaged.clear()
      for (const [i, row] of call.rows.entries()) if (row !== undefined) salvaged.set(keys[i] as string, row)
      account.owedTokens += call.tokens
      throw error
    } finally {
      account.hasAnswered ||= call.hasAnswered
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

  return { passport, limits, cost: parts.cost, countTokens: estimateTokens, embed }
}

function assertTexts(texts: readonly string[], inputs: readonly string[], limits: ModelLimits): void {
  if (texts.length > limits.textsPerCall)
    throw new InvalidArgumentError('texts', `at most ${limits.textsPerCall} a call`, texts.length)
  for (const [i, input] of inputs.entries()) {
    if ((texts[i] as string).trim() === '')
      throw new InvalidVectorError(`texts[${i}]`, 'a text with a letter or a sign', 'an empty one', { row: i })
    const tokens = limits.tokensPerText === Infinity ? 0 : estimateTokens(input)
    if (tokens > limits.tokensPerText)
      throw new InvalidArgumentError(
        `texts[${i}]`,
        `at most ${limits.tokensPerText} tokens, the model's window`,
        tokens,
        'Split it into passages first; nothing is cut silently.',
      )
  }
}

interface CallContext {
  readonly task: EmbeddingTask
  readonly signal: AbortSignal | undefined
  /** The model has given a vector before, so a refusal now is the text's fault. */
  readonly hasAnswered: boolean
}

/** One `embed`: the rows found so far, and the texts the server would not embed. */
class Call {
  readonly rows: (Float32Array | undefined)[]
  tokens = 0
  hasAnswered: boolean
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
    this.hasAnswered = context.hasAnswered
    this.rows = new Array<Float32Array | undefined>(inputs.length).fill(undefined)
  }

  async run(): Promise<void> {
    const wanted = this.inputs.flatMap((_, i) => (this.rows[i] === undefined ? [i] : []))
    if (wanted.length > 0) await this.ask(wanted)
    const first = this.refused[0]
    if (first === undefined) return
    if (!this.hasAnswered) throw this.firstRefusal ?? first.error
    const { provider, model } = this.parts
    throw new InvalidVectorError(`row ${first.row} of ${provider}/${model}`, 'a text the model embeds', 'a refusal', {
      row: first.row,
      remedy: 'The other texts of the call are kept.',
      cause: first.error,
    })
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
      await this.ask(indices.slice(0, middle))
      await this.ask(indices.slice(middle))
      return
    }
    const { provider } = this.parts
    for (const { index, problem } of bad)
      this.refuse(index, new AnswerError(provider, 'a vector with a direction', `${problem}, twice`))
  }

  /** @throws when a second text is refused and none was ever embedded: then it is not for the texts. */
  private refuse(row: number, error: ProviderError): void {
    this.refused.push({ row, error })
    if (this.refused.length > 1 && !this.hasAnswered) throw this.firstRefusal ?? error
  }

  /** Ask once, and once more where the answer is none. @returns the rows without a direction; the others are filled in. */
  private async request(indices: readonly number[]): Promise<{ index: number; problem: string }[]> {
    const { task, signal } = this.context
    const texts = indices.map((i) => this.inputs[i] as string)
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.parts.request(texts, task, signal)
        this.tokens += answer.tokens ?? texts.reduce((sum, text) => sum + estimateTokens(text), 0)
        this.assertWhole(texts, answer.tokens)
        return this.fill(indices, answer.rows())
      } catch (error) {
        if (attempt > 0 || !(error instanceof AnswerError)) throw error
      }
    }
  }

  private fill(indices: readonly number[], rows: readonly unknown[]): { index: number; problem: string }[] {
    const { provider, dimensions } = this.parts
    const decoded = rows.map((row) => decodeRow(provider, row, dimensions))
    return decoded.flatMap((row, i) => {
      const index = indices[i] as number
      if ('problem' in row) return [{ index, problem: row.problem }]
      this.rows[index] = row.values
      this.hasAnswered = true
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
      { remedy: 'Cut passages shorter (maxTokens), or make the server refuse texts over its window.' },
    )
  }
}

function isRefusal(error: unknown): error is ProviderError {
  return error instanceof AnswerError || (error instanceof ProviderError && refusals.includes(error.status))
}
