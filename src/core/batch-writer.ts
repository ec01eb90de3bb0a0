import type { Passage, SourceDocument } from '../spec/collection.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { KeptPassage, ReadFile, Store, StoredSource } from '../spec/store.ts'
import { type EmbeddedMany, embedMany } from './embed-many.ts'
import type { NoticeLedger } from './notice-ledger.ts'

/** A commit costs under a millisecond, so larger batches gain little and would lose more to a crash. */
const batchPassages = 1000
const batchCharacters = 4 << 20

interface Batch {
  readonly sources: {
    readonly document: SourceDocument
    readonly digest: string
    readonly passages: readonly Passage[]
  }[]
  readonly files: ReadFile[]
  passages: number
  characters: number
}

export interface WrittenBatch {
  readonly sources: number
  readonly passages: number
  readonly embedded: Pick<EmbeddedMany, 'embedded' | 'reused' | 'usage'>
}

export interface BatchWriterOptions {
  readonly store: Store
  readonly model: EmbeddingModel
  readonly ledger: NoticeLedger
  readonly signal: AbortSignal | undefined
  /** Passages of the batch under way that are embedded. */
  readonly onEmbedded: (passages: number) => void
  /** Called once the batch is durable. */
  readonly onWritten: (batch: WrittenBatch) => void
}

/**
 * Collects sources, embeds their passages and writes them, some thousand passages a batch, each batch durable before it
 * is told. While one batch is written the next is embedded; no more than two are ever held.
 */
export class BatchWriter {
  private readonly options: BatchWriterOptions
  private batch: Batch = emptyBatch()
  private writing: Promise<void> = Promise.resolve()

  constructor(options: BatchWriterOptions) {
    this.options = options
  }

  async add(document: SourceDocument, digest: string, passages: readonly Passage[]): Promise<void> {
    this.batch.sources.push({ document, digest, passages })
    this.batch.passages += passages.length
    this.batch.characters += document.text.length
    if (this.batch.passages >= batchPassages || this.batch.characters >= batchCharacters) await this.send()
  }

  /** The file's sources are all added: note it with the batch that holds the last of them. */
  addFile(file: ReadFile): void {
    this.batch.files.push(file)
  }

  /** Resolves once everything added is durable. */
  async flush(): Promise<void> {
    await this.send()
    await this.writing
  }

  private async send(): Promise<void> {
    const { batch } = this
    if (batch.sources.length === 0 && batch.files.length === 0) return
    this.batch = emptyBatch()
    const { model, store, signal, onEmbedded, onWritten } = this.options
    const passages = batch.sources.flatMap((source) => source.passages)
    const embedded = await embedMany(
      passages.map((passage) => passage.input),
      {
        model,
        task: 'document',
        cache: store,
        signal,
        tokens: passages.map((passage) => passage.tokens),
        onNoVector: 'skip',
        onProgress: ({ done }) => onEmbedded(done),
      },
    )
    await this.writing
    const write = this.write(batch, embedded).then(() =>
      onWritten({ sources: batch.sources.length, passages: passages.length, embedded }),
    )
    // Awaited by the next batch or by `flush`; until then a failure must not count as unhandled.
    write.catch(() => {})
    this.writing = write
  }

  private async write(batch: Batch, { vectors, without }: EmbeddedMany): Promise<void> {
    const hasNone = new Set(without)
    let row = 0
    const put = batch.sources.map(({ document, digest, passages }): StoredSource => {
      const kept = passages.map(({ input: _, ...passage }): KeptPassage => {
        const hasVector = !hasNone.has(row++)
        if (!hasVector)
          this.options.ledger.add({
            kind: 'no-vector',
            source: document.id,
            message: `line ${passage.line}: the model gives no vector for this passage; it is found by words only.`,
          })
        return { ...passage, hasVector }
      })
      const { id, kind, title, metadata, file } = document
      return { id, kind, title, digest, metadata, file, passages: kept }
    })
    await this.options.store.write({
      put,
      vectors: withoutRows(vectors, hasNone),
      remove: [],
      files: batch.files,
    })
  }
}

function emptyBatch(): Batch {
  return { sources: [], files: [], passages: 0, characters: 0 }
}

function withoutRows(matrix: Matrix, left: ReadonlySet<number>): Matrix {
  if (left.size === 0) return matrix
  const kept = createMatrix(matrix.rows - left.size, matrix.columns, undefined, matrix.passport)
  let row = 0
  for (let i = 0; i < matrix.rows; i++) if (!left.has(i)) kept.data.set(rowOf(matrix, i), row++ * matrix.columns)
  return kept
}
