import { existsSync } from 'node:fs'
import type { AddOptions, AddReport, Passage, Progress, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { ReadFile, SourceDigest, Store } from '../spec/store.ts'
import { chunk } from '../text/chunk.ts'
import { type Arrival, fileArrivals, findFiles } from './arrivals.ts'
import { backgroundOf } from './background.ts'
import { BatchWriter, type WrittenBatch } from './batch-writer.ts'
import { type Cutting, cuttingOf, digestOf, settingsDigest } from './cutting.ts'
import { IdSet } from './id-set.ts'
import type { IngestContext } from './ingest.ts'
import { NoticeLedger } from './notice-ledger.ts'
import { removeVanished } from './vanished.ts'

/** Documents whose digests are asked for at once. */
const groupDocuments = 256
const groupCharacters = 1 << 20

const rowRemedy =
  'Name the field that tells the rows apart with options.idField, or none with false (--no-id-field): then file and line name a row.'

/** Where sources go once they are cut. */
export interface PassageSink {
  add(document: SourceDocument, digest: string, passages: readonly Passage[]): Promise<void>
  /** All sources of the file are added. */
  addFile(file: ReadFile): void
  /** Resolves once everything added has arrived. */
  flush(): Promise<void>
}

export interface IngestRunContext extends IngestContext {
  /** Takes the sources in the store's place; then nothing is stored, removed or drawn. @default the store */
  readonly sink?: PassageSink | undefined
}

type Report = Omit<AddReport, 'receipt'>

/** One run of `add`: what it has met, counted and told so far. */
export class IngestRun {
  private readonly store: Store
  private readonly model: EmbeddingModel
  private readonly options: AddOptions
  private readonly clock: () => number
  private readonly startedMs: number
  private readonly cutting: Cutting
  private readonly writer: PassageSink
  private readonly isStored: boolean
  private readonly ledger = new NoticeLedger()
  /** Ids met in this run, to see the same id twice and, for `sync`, what a file no longer holds. */
  private readonly met = new IdSet()
  private group: Arrival[] = []
  private groupCharacters = 0
  private added = 0
  private changed = 0
  private unchanged = 0
  private removed = 0
  private passages = 0
  private embedded = 0
  private reused = 0
  private tokens = 0
  private split = 0
  private bytesDone = 0
  /** Characters taken of the file that is being read, which tell of its bytes well enough for an ETA. */
  private charactersOfFile = 0
  private bytesToRead = 0

  constructor({ store, model, sink, clock = () => performance.now() }: IngestRunContext, options: AddOptions) {
    this.store = store
    this.model = model
    this.options = options
    this.clock = clock
    this.startedMs = clock()
    this.cutting = cuttingOf(options, model)
    this.isStored = sink === undefined
    this.writer =
      sink ??
      new BatchWriter({
        store,
        model,
        ledger: this.ledger,
        signal: options.signal,
        onEmbedded: (done) => this.report('embed', done),
        onWritten: (batch) => this.onWritten(batch),
      })
  }

  async records(arrivals: AsyncIterable<Arrival>): Promise<Report> {
    await this.take(arrivals)
    return this.finish()
  }

  async paths(paths: readonly string[]): Promise<Report> {
    const files = await findFiles(paths, this.options, this.ledger)
    this.bytesToRead = files.reduce((sum, { file }) => sum + file.sizeBytes, 0)
    const { store, options, ledger } = this
    const settings = settingsDigest(this.cutting, options)
    const read = new Set<string>()
    const untouched = new Set<string>()
    const arrivals = fileArrivals(files, { store, options, settings, ledger })
    await this.take(noting(arrivals, read, untouched), settings)
    if (options.sync === true && this.isStored)
      this.removed = await removeVanished({ store, paths, read, untouched, met: this.met, signal: options.signal })
    return this.finish()
  }

  private async take(arrivals: AsyncIterable<Arrival>, settings = ''): Promise<void> {
    this.report('read')
    for await (const arrival of arrivals) {
      this.options.signal?.throwIfAborted()
      this.group.push(arrival)
      if (arrival.kind === 'document') this.groupCharacters += arrival.document.text.length
      if (this.group.length >= groupDocuments || this.groupCharacters >= groupCharacters) await this.takeGroup(settings)
    }
    await this.takeGroup(settings)
    await this.writer.flush()
  }

  private async takeGroup(settings: string): Promise<void> {
    const { group } = this
    this.group = []
    this.groupCharacters = 0
    const ids = group.flatMap((arrival) => (arrival.kind === 'document' ? [arrival.document.id] : []))
    const stored = await this.store.digestsOf(ids)
    let document = 0
    for (const arrival of group) {
      if (arrival.kind === 'document') await this.takeDocument(arrival, stored[document++])
      else if (arrival.kind === 'unchanged') {
        this.unchanged += arrival.sources
        this.bytesToRead -= arrival.found.file.sizeBytes
      } else {
        this.bytesDone += arrival.found.file.sizeBytes
        this.charactersOfFile = 0
        if (arrival.kind === 'read') this.writer.addFile({ ...arrival.found.file, settings, sources: arrival.sources })
      }
    }
  }

  private async takeDocument(
    { document, isNameless }: Extract<Arrival, { kind: 'document' }>,
    before: SourceDigest | undefined,
  ): Promise<void> {
    this.charactersOfFile += document.text.length
    const digest = digestOf(document, this.cutting)
    if (!this.met.add(document.id) && (await this.isRepeated(document, digest, isNameless))) return
    await this.assertOwnId(document, before)
    if (before?.digest === digest && before.file?.path === document.file?.path) {
      this.unchanged++
      return
    }
    const passages = chunk(document, { countTokens: (text) => this.model.countTokens(text), ...this.cutting })
    this.notice(document, passages)
    if (before === undefined) this.added++
    else this.changed++
    await this.writer.add(document, digest, passages)
  }

  /** Whether this id came before in this run with the same content. @throws when it came with another. */
  private async isRepeated(document: SourceDocument, digest: string, isNameless: boolean): Promise<boolean> {
    await this.writer.flush()
    const [earlier] = await this.store.digestsOf([document.id])
    // Not there after all: two ids with one hash.
    if (earlier === undefined) return false
    if (earlier.digest !== digest)
      throw new InvalidArgumentError(
        'input',
        'different ids for different sources',
        document.id,
        document.kind === 'row'
          ? rowRemedy
          : isNameless
            ? 'Give records of equal text their own ids: without an id a record is named by its text.'
            : 'Give each its own id. What came before the second is stored.',
      )
    this.ledger.add({
      kind: 'duplicate-text',
      source: document.id,
      message: 'the same source came twice; it is kept once.',
    })
    return true
  }

  /** Two folders may hold files of one relative path; the second must not take the first one's place unasked. */
  private async assertOwnId({ id, file, kind }: SourceDocument, before: SourceDigest | undefined): Promise<void> {
    if (file === undefined || before?.file === undefined || before.file.path === file.path) return
    if (existsSync(before.file.path))
      throw new InvalidArgumentError(
        'input',
        `another id for ${file.path} than for ${before.file.path}`,
        id,
        kind === 'row' ? rowRemedy : 'Add a folder that holds both, or use a collection each.',
      )
  }

  private notice(document: SourceDocument, passages: readonly { readonly tokens: number }[]): void {
    const tokens = passages.reduce((sum, passage) => sum + passage.tokens, 0)
    if (passages.length > 1 && tokens > this.cutting.maxTokens) {
      this.split++
      this.ledger.add({
        kind: 'split',
        source: document.id,
        message: `${tokens} tokens are more than the ${this.cutting.maxTokens} of a passage: ${passages.length} passages, nothing cut off.`,
      })
    }
    if (isOneWord(document.text))
      this.ledger.add({
        kind: 'short-text',
        source: document.id,
        message: 'one word alone: its meaning is vague to a model, expect poor neighbours.',
      })
  }

  private onWritten({ passages, embedded }: WrittenBatch): void {
    this.passages += passages
    this.embedded += embedded.embedded
    this.reused += embedded.reused
    this.tokens += embedded.usage.tokens
    this.report('store')
  }

  private async finish(): Promise<Report> {
    if (this.isStored && this.added + this.changed + this.removed > 0) {
      this.report('index')
      for (const kind of ['passages', 'questions'] as const) await backgroundOf(this.store, this.model, kind)
    }
    return {
      added: this.added,
      changed: this.changed,
      unchanged: this.unchanged,
      removed: this.removed,
      passages: this.passages,
      embedded: this.embedded,
      reused: this.reused,
      tokens: this.tokens,
      split: this.split,
      elapsedMs: this.clock() - this.startedMs,
      notices: this.ledger.notices,
      noticeCounts: this.ledger.counts,
    }
  }

  private report(phase: Progress['phase'], underWay = 0): void {
    if (this.options.onProgress === undefined) return
    const elapsedMs = this.clock() - this.startedMs
    const done = this.passages + underWay
    const share = this.bytesToRead > 0 ? Math.min(1, (this.bytesDone + this.charactersOfFile) / this.bytesToRead) : 0
    this.options.onProgress({
      phase,
      done,
      total: phase === 'index' ? done : share > 0 ? Math.max(done, Math.round(done / share)) : undefined,
      sources: this.added + this.changed + this.unchanged,
      perSecond: elapsedMs > 0 ? (1000 * done) / elapsedMs : 0,
      etaMs: phase === 'index' ? 0 : share > 0 ? (elapsedMs * (1 - share)) / share : undefined,
      tokens: this.tokens,
    })
  }
}

async function* noting(
  arrivals: AsyncIterable<Arrival>,
  read: Set<string>,
  untouched: Set<string>,
): AsyncGenerator<Arrival> {
  for await (const arrival of arrivals) {
    if (arrival.kind === 'read') read.add(arrival.found.file.path)
    else if (arrival.kind !== 'document') untouched.add(arrival.found.file.path)
    yield arrival
  }
}

const words = new Intl.Segmenter('en', { granularity: 'word' })

function isOneWord(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed.length > 40 || /\s/.test(trimmed)) return false
  let count = 0
  for (const { isWordLike } of words.segment(trimmed)) if (isWordLike) count++
  return count <= 1
}
