import type { ClusterAssignment, ClusterOptions, Clusters, CollectionClusters } from '../spec/clusters.ts'
import type {
  AddOptions,
  AddReport,
  Collection,
  CollectionStatus,
  ExportReport,
  Hit,
  ImportReport,
  ItemSelection,
  SearchOptions,
  SourceRecord,
  SourceSummary,
  SourceView,
} from '../spec/collection.ts'
import type { DuplicatesOptions, DuplicatesReport } from '../spec/duplicates.ts'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import type { Filter } from '../spec/filter.ts'
import type { Items } from '../spec/items.ts'
import type { CollectionMapOptions, ItemMap } from '../spec/map.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { OutliersOptions, OutliersReport } from '../spec/outliers.ts'
import { assertSamePassport, fingerprint } from '../spec/passport.ts'
import type { CollectionRecommendOptions, Recommendation } from '../spec/recommend.ts'
import type { CollectionRelatedOptions, RelatedItems } from '../spec/related.ts'
import type { SampleOptions, SampleReport } from '../spec/sample.ts'
import type { Store, StoredPassage, StoreFault } from '../spec/store.ts'
import type { Quote } from '../spec/usage.ts'
import { inPages } from './background.ts'
import { keptUsage } from './kept-ledger.ts'
import { didYouMean, nearId } from './near-id.ts'
import { assertKnownOptions, integerOption } from './options.ts'
import { assertKnownFields, passageId, search } from './search.ts'
import type { SimilarOptions } from './similar.ts'

/** Sources named in one call of `list` by default: a page, not a collection. */
const listedByDefault = 100

/**
 * A store and the model that made its vectors, joined into what a user works with. The class adds no state of its own:
 * each verb is a function of the two.
 */
export class StoreCollection implements Collection {
  readonly context: { readonly store: Store; readonly model: EmbeddingModel }

  /** @throws {PassportMismatchError} when the store's vectors are another model's. */
  constructor(store: Store, model: EmbeddingModel) {
    assertSamePassport(store.passport, model.passport, `${store.place} and the model`)
    this.context = { store, model }
  }

  async add(
    input: string | readonly string[] | Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
    options?: AddOptions,
  ): Promise<AddReport> {
    // Imported late, like the verbs below: who only searches need not load the readers of every format.
    const { ingest } = await import('./ingest.ts')
    return ingest(this.context, input, options)
  }

  async quote(
    input: string | readonly string[] | Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
    options?: AddOptions,
  ): Promise<Quote> {
    const { quote } = await import('./quote.ts')
    return quote(this.context, input, options)
  }

  search(query: string, options?: SearchOptions): Promise<Hit[]> {
    return search(this.context, query, options)
  }

  async similar(id: string, options?: SimilarOptions): Promise<Hit[]> {
    const { similar } = await import('./similar.ts')
    return similar(this.context, id, options)
  }

  async clusters(options?: ClusterOptions & ItemSelection): Promise<CollectionClusters> {
    const { clustersOf } = await import('./clusters.ts')
    return clustersOf(this.context.store, options)
  }

  async assignToClusters(
    clusters: Clusters,
    options?: ItemSelection,
  ): Promise<(ClusterAssignment & { readonly id: string })[]> {
    const { assignedOf } = await import('./clusters.ts')
    return assignedOf(this.context.store, clusters, options)
  }

  async duplicates(options?: DuplicatesOptions<Collection>): Promise<DuplicatesReport> {
    const { duplicates } = await import('./duplicates.ts')
    return duplicates(this.context, options, contextOf)
  }

  async outliers(options?: OutliersOptions): Promise<OutliersReport> {
    const { outliers } = await import('./outliers.ts')
    return outliers(this.context, options)
  }

  async sample(options: SampleOptions): Promise<SampleReport> {
    const { sample } = await import('./sample.ts')
    return sample(this.context, options)
  }

  async recommend(options: CollectionRecommendOptions): Promise<Recommendation[]> {
    const { recommendOf } = await import('./recommend.ts')
    return recommendOf(this.context, options)
  }

  async related(options?: CollectionRelatedOptions): Promise<RelatedItems> {
    const { relatedOf } = await import('./related.ts')
    return relatedOf(this.context, options)
  }

  async map(options?: CollectionMapOptions): Promise<ItemMap> {
    const { mapOf } = await import('./map.ts')
    return mapOf(this.context, options)
  }

  async items(options?: ItemSelection): Promise<Items> {
    const { itemsOf } = await import('./items.ts')
    return (await itemsOf(this.context.store, options)).items
  }

  async get(id: string): Promise<SourceView | undefined> {
    const source = await this.context.store.source(id)
    if (source === undefined) return undefined
    return {
      id,
      title: source.title,
      text: textOf(source.passages),
      metadata: source.metadata,
      passages: source.passages.map((passage) => ({
        id: passageId(passage),
        start: passage.start,
        end: passage.end,
        line: passage.line,
        headings: passage.headings,
        tokens: passage.tokens,
      })),
    }
  }

  async list(options: { offset?: number; limit?: number; filter?: Filter } = {}): Promise<SourceSummary[]> {
    const { store } = this.context
    assertKnownOptions(options, ['offset', 'limit', 'filter'], 'list')
    const offset = integerOption('offset', options.offset, 0, Number.MAX_SAFE_INTEGER, 0)
    const limit = integerOption('limit', options.limit, 1, Number.MAX_SAFE_INTEGER, listedByDefault)
    if (options.filter !== undefined) await assertKnownFields(store, options.filter, (await store.counts()).passages)
    return store.sources({ offset, limit, filter: options.filter })
  }

  async remove(ids: string | readonly string[]): Promise<number> {
    const { store } = this.context
    const wanted = [...new Set(typeof ids === 'string' ? [ids] : ids)]
    for (const [i, id] of wanted.entries())
      if (typeof id !== 'string') throw new InvalidArgumentError(`ids[${i}]`, 'the id of a source', id)
    return store.asWriter(async () => {
      const found = await store.digestsOf(wanted)
      const unknown = found.indexOf(undefined)
      if (unknown !== -1) throw await this.unknownSource(wanted[unknown] as string)
      if (wanted.length === 0) return 0
      await store.write({
        put: [],
        vectors: createMatrix(0, store.passport.dimensions),
        remove: wanted,
        // Or adding the folder again would take the file for unchanged and leave the source out.
        forgetFiles: [...new Set(found.flatMap((source) => source?.file?.path ?? []))],
      })
      return wanted.length
    })
  }

  async vectors(): Promise<{ ids: string[]; vectors: Matrix }> {
    const { store } = this.context
    const keys = await store.keys('embedded')
    const vectors = createMatrix(keys.length, store.passport.dimensions, undefined, store.passport)
    const ids: string[] = []
    await inPages(keys, async (page) => {
      const [passages, rows] = [await store.passages(page), await store.vectors(page)]
      vectors.data.set(rows.data, ids.length * vectors.columns)
      for (const passage of passages) ids.push(passageId(passage))
    })
    return { ids, vectors }
  }

  async export(folder: string, options?: { readonly signal?: AbortSignal }): Promise<ExportReport> {
    const { exportCollection } = await import('./export.ts')
    return exportCollection(this.context.store, folder, options)
  }

  async import(folder: string, options?: { readonly signal?: AbortSignal }): Promise<ImportReport> {
    const { importCollection } = await import('./import.ts')
    return importCollection(this.context.store, folder, options)
  }

  async status(): Promise<CollectionStatus> {
    const { store, model } = this.context
    const [counts, info] = [await store.counts(), await store.info()]
    return {
      path: store.place,
      ...info,
      ...counts,
      model: model.passport.model,
      fingerprint: fingerprint(store.passport),
      dimensions: store.passport.dimensions,
      generation: store.generation,
      paid: await keptUsage(store),
    }
  }

  verify(): Promise<StoreFault[]> {
    return this.context.store.verify()
  }

  async close(): Promise<void> {
    await this.context.store.close()
    await this.context.model.close?.()
  }

  private async unknownSource(id: string): Promise<Error> {
    const source = id.slice(0, Math.max(0, id.lastIndexOf('#')))
    const [parent] = source === '' ? [] : await this.context.store.digestsOf([source])
    return parent === undefined
      ? new NotFoundError(
          'source',
          id,
          `${didYouMean(await nearId(id, this.context.store.digests()))}Nothing was removed. \`list\` names what there is.`,
        )
      : new InvalidArgumentError(
          'ids',
          'ids of sources',
          id,
          `It is a passage; remove its source ${JSON.stringify(source)}.`,
        )
  }
}

/** Store and model of another collection. */
function contextOf(other: Collection): StoreCollection['context'] {
  if (other instanceof StoreCollection) return other.context
  throw new InvalidArgumentError('options.against', 'a collection that `open` gave', other)
}

/** A source's text, from passages that cover it without a gap. */
export function textOf(passages: readonly Pick<StoredPassage, 'start' | 'end' | 'text'>[]): string {
  let text = ''
  for (const passage of passages) if (passage.end > text.length) text += passage.text.slice(text.length - passage.start)
  return text
}
