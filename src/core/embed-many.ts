import { createHash } from 'node:crypto'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel, EmbeddingTask, ModelLimits } from '../spec/model.ts'
import { fingerprint } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'
import type { UsageMeter } from '../spec/usage.ts'
import { embedCall } from './embed-call.ts'
import { assertVectors } from './gate.ts'
import { mostTextsPerCall, pack } from './pack.ts'

/** Where vectors are kept by content; every store is one. */
export type EmbeddingCache = Pick<Store, 'cached' | 'cache'>

export interface EmbedManyOptions {
  readonly model: EmbeddingModel
  readonly task: EmbeddingTask
  /** Read before and written after each call; not used for models of negligible cost. @default none */
  readonly cache?: EmbeddingCache | undefined
  readonly signal?: AbortSignal | undefined
  /** After each finished call: texts done (reused ones included), texts known so far, tokens the model has read. */
  readonly onProgress?: ((progress: { done: number; total: number; tokens: number }) => void) | undefined
  /** Calls at once, integer ≥ 1; of a paid model at most 8. @default `model.limits.parallelCalls` */
  readonly parallel?: number | undefined
  /**
   * Tokens of each text by `model.countTokens`, prompt not included, where the caller knows them already; for arrays of texts only.
   * @default counted, where a limit asks for it
   */
  readonly tokens?: ArrayLike<number> | undefined
  /**
   * What to do with a text the model cannot embed, such as one without any known token: `throw`, or `skip`, which leaves
   * its row zero and names it in `without`. @default 'throw'
   */
  readonly onNoVector?: 'throw' | 'skip' | undefined
  /** Told of every request of a hosted model. @default none */
  readonly meter?: UsageMeter | undefined
}

export interface EmbeddedMany {
  /** One row a text, in the order given. */
  readonly vectors: Matrix
  /** Rows without a vector, ascending; empty unless `onNoVector` is `skip`. */
  readonly without: readonly number[]
  readonly usage: { readonly tokens: number }
  /** Texts sent to the model, and texts answered by the cache or by an equal text. */
  readonly embedded: number
  readonly reused: number
}

/** Texts of a stream that are packed together. */
const windowTexts = 4096
/** More calls at once would only make each of them smaller; see `sharingOneCall`. */
const mostPaidCalls = 8

/**
 * Embed any number of texts within the model's limits: equal texts once, known ones from the cache, the rest packed by
 * tokens and count, several calls at once, every answer through the gate and into the cache before the next begins.
 * A crash, an abort or a failing call costs at most the calls then in flight: of a paid model together no more texts than
 * one call may hold. Where a text is refused the others of its call are kept before the error is thrown.
 *
 * @param texts - An array, or a stream that is read as far ahead as 4,096 texts.
 * @throws {InvalidArgumentError} naming the first text longer than the model's window: split it first.
 * @throws {InvalidVectorError} when an answer does not pass the gate.
 *
 * Cost: the model's; O(texts) memory for the rows.
 */
export async function embedMany(
  texts: readonly string[] | AsyncIterable<string>,
  options: EmbedManyOptions,
): Promise<EmbeddedMany> {
  if (
    options.parallel !== undefined &&
    options.parallel !== Infinity &&
    !(Number.isSafeInteger(options.parallel) && options.parallel >= 1)
  )
    throw new InvalidArgumentError('options.parallel', 'an integer ≥ 1', options.parallel)
  if (!(Symbol.asyncIterator in texts)) return embedArray(texts, options)
  if (options.tokens !== undefined)
    throw new InvalidArgumentError('options.tokens', 'none for a stream of texts', options.tokens)
  const parts: EmbeddedMany[] = []
  let done = 0
  let tokens = 0
  let window: string[] = []
  const flush = async () => {
    const part = await embedArray(window, {
      ...options,
      onProgress: (progress) =>
        options.onProgress?.({
          done: done + progress.done,
          total: done + progress.total,
          tokens: tokens + progress.tokens,
        }),
    })
    parts.push(part)
    done += window.length
    tokens += part.usage.tokens
    window = []
  }
  for await (const text of texts) {
    window.push(text)
    if (window.length === windowTexts) await flush()
  }
  if (window.length > 0 || parts.length === 0) await flush()
  return join(parts, options.model)
}

async function embedArray(texts: readonly string[], options: EmbedManyOptions): Promise<EmbeddedMany> {
  const { model, signal, onProgress } = options
  signal?.throwIfAborted()
  for (let i = 0; i < texts.length; i++)
    if (typeof texts[i] !== 'string') throw new InvalidArgumentError(`texts[${i}]`, 'a string', texts[i])

  const firstOf = new Map<string, number>()
  const sameAs = Int32Array.from(texts, (text, i) => {
    const first = firstOf.get(text)
    if (first === undefined) firstOf.set(text, i)
    return first ?? i
  })
  let pending = [...firstOf.values()]
  const vectors = createMatrix(texts.length, model.passport.dimensions, undefined, model.passport)
  const kept = model.cost === 'negligible' ? undefined : keeper(options)
  if (kept !== undefined) pending = await kept.read(texts, pending, vectors)

  const counts = countTokens(texts, pending, options)
  const width = Math.min(options.parallel ?? Infinity, model.limits.parallelCalls)
  const limits = model.cost === 'paid' ? sharingOneCall(model.limits, width, counts) : model.limits
  const calls = pack(counts, limits).map((call) => call.map((i) => pending[i] as number))
  const without = new Set<number>()
  let done = texts.length - pending.length
  let tokens = 0
  const run = async (call: Int32Array) => {
    signal?.throwIfAborted()
    const asked = [...call]
    const answer = await embedCall(asked, texts, options, without)
    for (const [row, index] of answer.rows.entries())
      vectors.data.set(rowOf(answer.vectors, row), index * vectors.columns)
    if (kept !== undefined && answer.rows.length > 0)
      await kept.write(
        answer.rows.map((index) => texts[index] as string),
        answer.vectors,
      )
    if (answer.refusal !== undefined) throw answer.refusal
    done += asked.length
    tokens += answer.tokens
    onProgress?.({ done, total: texts.length, tokens })
  }
  await inParallel(calls, Math.min(width, limits.parallelCalls), run)

  for (let i = 0; i < texts.length; i++) {
    const first = sameAs[i] as number
    if (first === i) continue
    vectors.data.set(rowOf(vectors, first), i * vectors.columns)
    if (without.has(first)) without.add(i)
  }
  return {
    vectors,
    without: [...without].sort((a, b) => a - b),
    usage: { tokens },
    embedded: pending.length,
    reused: texts.length - pending.length,
  }
}

/**
 * The limits by which calls of a paid model that are under way together hold no more texts than one call may, so that what a crash costs
 * does not grow with the number of calls at once.
 */
export function sharingOneCall(limits: ModelLimits, parallel: number, counts: ArrayLike<number>): ModelLimits {
  const texts = Math.min(limits.textsPerCall, mostTextsPerCall)
  const parallelCalls = Math.min(parallel, mostPaidCalls, texts)
  let longest = 0
  for (let i = 0; i < counts.length; i++) longest = Math.max(longest, counts[i] as number)
  return {
    ...limits,
    parallelCalls,
    textsPerCall: Math.floor(texts / parallelCalls),
    tokensPerCall: Math.max(longest, Math.floor(limits.tokensPerCall / parallelCalls)),
  }
}

/** What the cache knows a text by. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Reads and writes the cache, both through the gate: a kept row is trusted no more than a fresh one. */
function keeper({ model, task, cache }: EmbedManyOptions) {
  if (cache === undefined) return undefined
  const print = fingerprint(model.passport)
  return {
    /** @returns the indices that are not in the cache; the rows of the others are filled in. */
    async read(texts: readonly string[], indices: readonly number[], vectors: Matrix): Promise<number[]> {
      const wanted = indices.map((i) => texts[i] as string)
      const found = await cache.cached(print, task, wanted.map(textDigest))
      const unknown: number[] = []
      for (const [i, index] of indices.entries()) {
        const values = found[i]
        if (values === undefined) {
          unknown.push(index)
          continue
        }
        assertVectors(createMatrix(1, values.length, values), [wanted[i] as string], model.passport)
        vectors.data.set(values, index * vectors.columns)
      }
      return unknown
    },
    write: (texts: readonly string[], vectors: Matrix) => cache.cache(print, task, texts.map(textDigest), vectors),
  }
}

/** Tokens of the texts at `indices`, prompt included; zeros where no limit asks for them. */
function countTokens(texts: readonly string[], indices: readonly number[], options: EmbedManyOptions): Float64Array {
  const { model, task, tokens } = options
  const counts = new Float64Array(indices.length)
  if (model.limits.tokensPerText === Infinity && model.limits.tokensPerCall === Infinity) return counts
  const prompt = task === 'query' ? model.passport.queryPrompt : model.passport.documentPrompt
  const ofPrompt = prompt === '' || tokens === undefined ? 0 : model.countTokens(prompt)
  for (const [i, index] of indices.entries()) {
    counts[i] =
      tokens === undefined ? model.countTokens(prompt + (texts[index] as string)) : (tokens[index] as number) + ofPrompt
    if ((counts[i] as number) > model.limits.tokensPerText)
      throw new InvalidArgumentError(
        `texts[${index}]`,
        `at most ${model.limits.tokensPerText} tokens, the model's window`,
        counts[i],
        'Split it into passages first; nothing is cut silently.',
      )
  }
  return counts
}

/** At most `width` runs at once; after a failure none is begun, those under way are waited for, and the first error is thrown. */
async function inParallel<Item>(items: readonly Item[], width: number, run: (item: Item) => Promise<void>) {
  let next = 0
  let failure: { readonly error: unknown } | undefined
  const worker = async () => {
    while (next < items.length && failure === undefined) {
      const item = items[next++] as Item
      try {
        await run(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  if (failure !== undefined) throw failure.error
}

function join(parts: readonly EmbeddedMany[], model: EmbeddingModel): EmbeddedMany {
  if (parts.length === 1) return parts[0] as EmbeddedMany
  const sum = (count: (part: EmbeddedMany) => number) => parts.reduce((total, part) => total + count(part), 0)
  const vectors = createMatrix(
    sum((part) => part.vectors.rows),
    model.passport.dimensions,
    undefined,
    model.passport,
  )
  const without: number[] = []
  let row = 0
  for (const part of parts) {
    vectors.data.set(part.vectors.data, row * vectors.columns)
    for (const index of part.without) without.push(row + index)
    row += part.vectors.rows
  }
  return {
    vectors,
    without,
    usage: { tokens: sum((part) => part.usage.tokens) },
    embedded: sum((part) => part.embedded),
    reused: sum((part) => part.reused),
  }
}
