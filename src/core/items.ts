import { type Filter, matchesFilter } from '../spec/filter.ts'
import type { Items } from '../spec/items.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { Store, StoredPassage, StoreReading } from '../spec/store.ts'
import { inPages } from './background.ts'
import { textOf } from './collection.ts'
import { assertKnownFields, meanDirection, passageId } from './search.ts'

export interface ItemsOptions {
  /** One item a source, with the mean direction of its passages, or one a passage. @default 'source' */
  readonly by?: 'source' | 'passage' | undefined
  readonly filter?: Filter | undefined
  readonly signal?: AbortSignal | undefined
}

interface Item {
  readonly passages: StoredPassage[]
  readonly rows: number[]
}

/**
 * The collection as items for an analysis, in the order added. `withoutVector` counts those left out because the model
 * knows no token of them. All is of one state, whatever is written meanwhile.
 *
 * Cost: reads every passage and vector once; memory for all texts and a float32 row a passage.
 */
export function itemsOf(store: Store, options: ItemsOptions = {}): Promise<{ items: Items; withoutVector: number }> {
  return store.asSnapshot((reading) => readItems(reading, options))
}

async function readItems(
  store: StoreReading,
  { by = 'source', filter, signal }: ItemsOptions,
): Promise<{ items: Items; withoutVector: number }> {
  if (filter !== undefined) await assertKnownFields(store, filter, (await store.counts()).passages)
  const { dimensions } = store.passport
  const embedded = await store.keys('embedded')
  const rows = createMatrix(embedded.length, dimensions)
  let filled = 0
  const found = new Map<string, Item>()
  await inPages(await store.keys('all'), async (page) => {
    signal?.throwIfAborted()
    const passages = (await store.passages(page)).filter(
      ({ source, metadata }) => filter === undefined || matchesFilter(filter, source, metadata),
    )
    const withVector = passages.filter(({ hasVector }) => hasVector)
    rows.data.set((await store.vectors(Int32Array.from(withVector, ({ key }) => key))).data, filled * dimensions)
    for (const passage of passages) {
      const id = by === 'source' ? passage.source : passageId(passage)
      const item = found.get(id) ?? { passages: [], rows: [] }
      found.set(id, item)
      item.passages.push(passage)
      if (passage.hasVector) item.rows.push(filled++)
    }
  })
  const kept = [...found].filter(([, item]) => item.rows.length > 0)
  const vectors = createMatrix(kept.length, dimensions, undefined, store.passport)
  for (const [i, [, item]] of kept.entries())
    vectors.data.set(directionOf(rows.data, item.rows, dimensions), i * dimensions)
  return {
    items: {
      ids: kept.map(([id]) => id),
      texts: kept.map(([, { passages }]) => (by === 'source' ? textOf(passages) : (passages[0] as StoredPassage).text)),
      titles: kept.map(([, { passages }]) => passages[0]?.title),
      metadata: kept.map(([, { passages }]) => passages[0]?.metadata ?? {}),
      vectors,
    },
    withoutVector: found.size - kept.length,
  }
}

function directionOf(data: Float32Array, rows: readonly number[], columns: number): Float32Array {
  const chosen = createMatrix(rows.length, columns)
  for (const [i, row] of rows.entries()) chosen.data.set(data.subarray(row * columns, (row + 1) * columns), i * columns)
  return rows.length === 1 ? chosen.data : meanDirection(chosen)
}
