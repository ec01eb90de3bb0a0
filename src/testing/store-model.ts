import { compareCodePoints, type Filter, type Metadata, matchesFilter } from '../spec/filter.ts'
import { type Matrix, rowOf } from '../spec/matrix.ts'
import type { StoredSource, WriteBatch } from '../spec/store.ts'

/** What a store should hold after some writes, in a plain Map: the oracle of the conformance suite. */
export class StoreModel {
  readonly sources = new Map<string, { source: StoredSource; vectors: (Float32Array | undefined)[] }>()

  apply(batch: WriteBatch): void {
    const put = new Set(batch.put.map(({ id }) => id))
    for (const id of batch.remove) if (!put.has(id)) this.sources.delete(id)
    let row = 0
    for (const source of batch.put) {
      const vectors = source.passages.map((passage) =>
        passage.hasVector ? rowOf(batch.vectors, row++).slice() : undefined,
      )
      this.sources.set(source.id, { source, vectors })
    }
  }

  /** Scores of all passages with a vector that a filter takes, best first; `name` is `id/ordinal`. */
  nearest(queries: Matrix, row: number, filter?: Filter): { name: string; score: number }[] {
    const query = rowOf(queries, row)
    const found: { name: string; score: number }[] = []
    for (const { source, vectors } of this.sources.values()) {
      if (filter !== undefined && !matchesFilter(filter, source.id, source.metadata)) continue
      for (const [ordinal, vector] of vectors.entries())
        if (vector !== undefined) found.push({ name: `${source.id}/${ordinal}`, score: innerProduct(query, vector) })
    }
    return found.sort((a, b) => b.score - a.score)
  }

  /** Ids of the sources that a filter takes, sorted. */
  matching(filter: Filter): string[] {
    return [...this.sources.values()]
      .filter(({ source }) => matchesFilter(filter, source.id, source.metadata as Metadata))
      .map(({ source }) => source.id)
      .sort(compareCodePoints)
  }

  counts(): { sources: number; passages: number; tokens: number } {
    const passages = [...this.sources.values()].flatMap(({ source }) => source.passages)
    return {
      sources: this.sources.size,
      passages: passages.length,
      tokens: passages.reduce((sum, passage) => sum + passage.tokens, 0),
    }
  }
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (const [i, value] of a.entries()) sum += value * (b[i] as number)
  return sum
}
