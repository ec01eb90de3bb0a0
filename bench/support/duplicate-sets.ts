import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Items } from '../../src/spec/items.ts'
import { createMatrix, type Matrix, rowOf } from '../../src/spec/matrix.ts'

export interface LabelledPairs {
  readonly set: string
  readonly a: readonly string[]
  readonly b: readonly string[]
  readonly same: readonly boolean[]
}

const folder = new URL('../../../shared/data/duplicates/', import.meta.url)

/** False where the data is not on this machine. */
export const hasDuplicateSets = existsSync(folder)

function rows<Row>(name: string): Row[] {
  return gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, folder)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}

export function duplicateSets(): LabelledPairs[] {
  return ['quora.dev', 'mrpc.train'].map((set) => {
    const pairs = rows<{ a: string; b: string; label: number }>(set)
    return {
      set,
      a: pairs.map(({ a }) => a),
      b: pairs.map(({ b }) => b),
      same: pairs.map(({ label }) => label === 1),
    }
  })
}

interface NearDuplicate {
  readonly id: string
  readonly text: string
  readonly cluster: number
  readonly edit: string
}

/** News articles and edited copies of them, in the order of the file or in another one. */
export function nearDuplicates(
  vectors: Matrix = createMatrix(0, 0),
  order?: Int32Array,
): { items: Items; clusters: readonly number[] } {
  const all = rows<NearDuplicate>('neardup.dev')
  const places = Array.from(order ?? all.keys())
  const chosen = places.map((place) => all[place] as NearDuplicate)
  const arranged = createMatrix(vectors.rows, vectors.columns, undefined, vectors.passport)
  if (vectors.rows > 0)
    for (const [i, place] of places.entries()) arranged.data.set(rowOf(vectors, place), i * vectors.columns)
  return {
    items: {
      ids: chosen.map(({ id }) => id),
      texts: chosen.map(({ text }) => text),
      titles: chosen.map(() => undefined),
      metadata: chosen.map(({ edit }) => ({ edit })),
      vectors: arranged,
    },
    clusters: chosen.map(({ cluster }) => cluster),
  }
}
