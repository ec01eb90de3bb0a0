import type { AddOptions, Passage, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { fingerprint } from '../spec/passport.ts'
import type { Store } from '../spec/store.ts'
import type { Quote } from '../spec/usage.ts'
import type { AddInput } from './arrivals.ts'
import { sharingOneCall, textDigest } from './embed-many.ts'
import { IdSet } from './id-set.ts'
import { type IngestContext, pathsOrRecords, recordsOf } from './ingest.ts'
import { IngestRun, type PassageSink } from './ingest-run.ts'
import { mostTextsPerCall } from './pack.ts'
import { RunLedger, withLedger } from './run-ledger.ts'

/** Texts whose digests are looked up at once. */
const groupTexts = 1000
/** Passages by which a model of this machine shows how fast it is. */
const probeTexts = 64
/** What a server is asked, so that nothing of the user's is sent. */
const probeSentence = 'The quick brown fox jumps over the lazy dog.'
/** Bytes of a passage and its source beside text and vector, of a row of the cache beside its vector, and of the full-text index for each character; measured. */
const rowBytes = 700
const cacheRowBytes = 400
const indexBytesPerCharacter = 0.75

/**
 * What adding `input` would take, without adding it: everything is read and cut as `add` would, counted, and a probe tells
 * the time. A server is sent one fixed sentence, and the fixed sentences that show whether its model is still the same;
 * nothing of the input leaves the machine, and nothing is stored of it.
 *
 * @throws {InvalidArgumentError} as `add` does, and for `sync`, `maxUsd` and `onProgress`, which a quote has no use for.
 *
 * Cost: reading and cutting the input; 16 bytes of memory a text.
 */
export async function quote(context: IngestContext, input: AddInput, options: AddOptions = {}): Promise<Quote> {
  const paths = pathsOrRecords(input, options)
  for (const name of ['sync', 'maxUsd'] as const)
    if (options[name] !== undefined && options[name] !== false)
      throw new InvalidArgumentError(`options.${name}`, 'none for a quote', options[name], 'A quote changes nothing.')
  options.signal?.throwIfAborted()
  const { store, model, clock = () => performance.now() } = context
  const ledger = new RunLedger(model, options)
  const sink = new Counter(store, model)
  const run = new IngestRun({ ...context, sink }, options)
  const report = await (paths === undefined ? run.records(recordsOf(input)) : run.paths(paths))
  const { texts, tokens, longest } = sink

  const probed = withLedger(model, ledger)
  const sample = isHere(model) ? sink.sample : [probeSentence]
  const startedMs = clock()
  if (texts > 0) await probed.embed(sample, { task: 'document', signal: options.signal })
  const probeMs = clock() - startedMs
  const receipt = ledger.receipt()
  options.onReceipt?.(receipt)

  const calls = callsOf(model, { texts, tokens, longest })
  const { usdPerMillionTokens, pricedOn } = receipt
  return {
    sources: report.added + report.changed,
    unchanged: report.unchanged,
    passages: sink.passages,
    texts,
    reused: sink.passages - texts,
    tokens,
    counted: model.tariff === undefined || model.countsExactly === true ? 'exact' : 'estimate',
    usd: usdPerMillionTokens === null ? null : (usdPerMillionTokens * tokens) / 1e6,
    usdPerMillionTokens,
    pricedOn,
    calls,
    host: model.tariff?.host ?? null,
    etaMs:
      texts === 0
        ? 0
        : etaOf(model, { texts, tokens, calls, probeMs, probed: sample.length, requests: receipt.requests }),
    probe: receipt,
    diskBytes: diskBytesOf(model, sink),
  }
}

/** Counts what comes, each text once. */
class Counter implements PassageSink {
  passages = 0
  texts = 0
  tokens = 0
  longest = 0
  characters = 0
  readonly sample: string[] = []
  private readonly store: Store
  private readonly model: EmbeddingModel
  private readonly promptTokens: number
  private readonly met = new IdSet()
  private pending: { readonly input: string; readonly tokens: number }[] = []

  constructor(store: Store, model: EmbeddingModel) {
    this.store = store
    this.model = model
    const { documentPrompt } = model.passport
    this.promptTokens = documentPrompt === '' ? 0 : model.countTokens(documentPrompt)
  }

  async add(document: SourceDocument, _digest: string, passages: readonly Passage[]): Promise<void> {
    this.passages += passages.length
    this.characters += document.text.length
    for (const { input, tokens } of passages) if (this.met.add(input)) this.pending.push({ input, tokens })
    if (this.pending.length >= groupTexts) await this.flush()
  }

  addFile(): void {}

  async flush(): Promise<void> {
    const { pending, model } = this
    this.pending = []
    const isCached = model.cost !== 'negligible'
    const print = fingerprint(model.passport)
    const known = isCached
      ? await this.store.cached(
          print,
          'document',
          pending.map(({ input }) => textDigest(input)),
        )
      : []
    for (const [i, { input, tokens }] of pending.entries()) {
      if (known[i] !== undefined) continue
      const counted = tokens + this.promptTokens
      this.texts++
      this.tokens += counted
      this.longest = Math.max(this.longest, counted)
      if (this.sample.length < probeTexts) this.sample.push(input)
    }
  }
}

/** Computed in this process or on this machine, so that the probe may be of the user's own texts. */
function isHere({ tariff, passport }: EmbeddingModel): boolean {
  return tariff === undefined ? passport.weightsDigest !== '' : tariff.isHere
}

interface Amount {
  readonly texts: number
  readonly tokens: number
}

function callsOf(model: EmbeddingModel, { texts, tokens, longest }: Amount & { readonly longest: number }): number {
  const { parallelCalls } = model.limits
  const limits = model.cost === 'paid' ? sharingOneCall(model.limits, parallelCalls, [longest]) : model.limits
  return Math.max(
    Math.ceil(texts / Math.min(limits.textsPerCall, mostTextsPerCall)),
    Math.ceil(tokens / limits.tokensPerCall),
  )
}

/** A model here works at the probe's rate; a server answers call after call as fast as the probe, within its limits of a minute. */
function etaOf(
  model: EmbeddingModel,
  {
    texts,
    tokens,
    calls,
    probeMs,
    probed,
    requests,
  }: Amount & {
    readonly calls: number
    readonly probeMs: number
    readonly probed: number
    readonly requests: number
  },
): number {
  if (isHere(model)) return (probeMs * texts) / Math.max(1, probed)
  const { parallelCalls, perMinute = {} } = model.limits
  const { requests: mostRequests = Infinity, tokens: mostTokens = Infinity, texts: mostTexts = Infinity } = perMinute
  const oneMs = probeMs / Math.max(1, requests)
  const byAnswers = (calls / Math.min(parallelCalls, calls)) * oneMs
  // The first minute's worth goes out at once.
  const byLimits = 60_000 * (Math.max(calls / mostRequests, tokens / mostTokens, texts / mostTexts) - 1)
  return Math.max(byAnswers, byLimits)
}

/** Vectors of paid and slow models are kept twice: with their passage, and by content. */
function diskBytesOf(model: EmbeddingModel, { passages, texts, characters }: Counter): number {
  const vectorBytes = 4 * model.passport.dimensions
  const cacheRows = model.cost === 'negligible' ? 0 : texts
  return Math.round(
    passages * (vectorBytes + rowBytes) +
      cacheRows * (vectorBytes + cacheRowBytes) +
      characters * (1 + indexBytesPerCharacter),
  )
}
