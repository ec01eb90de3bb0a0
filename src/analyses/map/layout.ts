import { pca } from '../../kernels/pca.ts'
import { type Trustworthiness, trustworthiness } from '../../kernels/trustworthiness.ts'
import { tsne } from '../../kernels/tsne.ts'
import { umap } from '../../kernels/umap.ts'
import type { MapMethod } from '../../spec/map.ts'
import { createMatrix, type Matrix, rowOf } from '../../spec/matrix.ts'

export interface LayoutOptions {
  readonly method: MapMethod
  readonly seed: number
  readonly nNeighbors?: number | undefined
  readonly minDist?: number | undefined
  readonly perplexity?: number | undefined
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

export interface Layout {
  /** `rows × 2`. */
  readonly places: Matrix
  /** By which the rows were placed: the one asked for, or PCA where they are too few for it. */
  readonly method: MapMethod
  /** What the reader of the picture should know about how it came about. */
  readonly notices: readonly string[]
}

/** Fewer have no neighbourhoods to preserve: their distances themselves fit the plane. */
const fewestForNeighbours = 4

/** Places of the rows in the plane. Vectors of unit length, by the angle between them. */
export async function layOut(vectors: Matrix, options: LayoutOptions): Promise<Layout> {
  const { rows } = vectors
  const { method, seed, signal, onProgress } = options
  const shared = {
    seed,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(signal === undefined ? {} : { signal }),
  }
  const notices: string[] = []
  if (rows > 1 && areAllEqual(vectors)) {
    notices.push(`All ${rows} items have the same vector, so they share one place.`)
    return { places: createMatrix(rows, 2), method, notices }
  }
  if (method !== 'pca' && rows < fewestForNeighbours) {
    if (rows > 1)
      notices.push(
        `${rows} items are too few for ${methodNames[method]}; they are placed by their principal axes (PCA).`,
      )
    return { places: await principalPlaces(vectors, seed), method: 'pca', notices }
  }
  if (method === 'pca') return { places: await principalPlaces(vectors, seed), method, notices }
  if (method === 'tsne') {
    const { embedding } = await tsne(vectors, {
      ...shared,
      metric: 'cosine',
      ...(options.perplexity === undefined ? {} : { perplexity: options.perplexity }),
      onProgress: ({ iteration, iterations }) => onProgress?.(iteration, iterations),
    })
    return { places: embedding, method, notices }
  }
  const { embedding, start } = await umap(vectors, {
    ...shared,
    metric: 'cosine',
    nNeighbors: options.nNeighbors ?? defaultNeighbors(rows),
    ...(options.minDist === undefined ? {} : { minDist: options.minDist }),
    onProgress: ({ epoch, epochs }) => onProgress?.(epoch, epochs),
  })
  if (start === 'pca' && rows > 8)
    notices.push(
      'Some groups have no neighbours in common with the rest, so UMAP began from the principal axes: how far apart such groups lie says little.',
    )
  else if (start !== 'spectral')
    notices.push(`${rows} items are few for UMAP: read who stands beside whom, not how far apart groups lie.`)
  return { places: embedding, method, notices }
}

/** Umap-learn's 15, but no more than a third of few items: were all neighbours of all, no groups would show. */
export function defaultNeighbors(rows: number): number {
  return Math.min(15, rows, Math.max(3, Math.ceil(rows / 3) + 1))
}

export const methodNames: Readonly<Record<MapMethod, string>> = { umap: 'UMAP', tsne: 't-SNE', pca: 'PCA' }

function areAllEqual(vectors: Matrix): boolean {
  const first = rowOf(vectors, 0)
  return vectors.data.every((value, at) => value === first[at % vectors.columns])
}

async function principalPlaces(vectors: Matrix, seed: number): Promise<Matrix> {
  const { rows, columns } = vectors
  const places = createMatrix(rows, 2)
  if (rows < 2) return places
  const components = Math.min(2, rows, columns)
  const axes = await pca(vectors, { components, method: 'randomized', seed })
  const along = axes.transform(vectors)
  for (let i = 0; i < rows; i++) places.data.set(rowOf(along, i), i * 2)
  return places
}

const trustedNeighbours = 15
/** From so many items on a random part of them is measured, so that measuring costs less than laying out. */
const measuredRows = 250
const exactUpTo = 3000

/** How far the neighbours in the picture are neighbours in the vectors; undefined below four items. */
export async function trustOf(vectors: Matrix, places: Matrix, seed: number): Promise<Trustworthiness | undefined> {
  const { rows } = vectors
  if (rows < 4) return undefined
  return trustworthiness(vectors, places, {
    nNeighbors: Math.min(trustedNeighbours, Math.ceil(rows / 2) - 1),
    metric: 'cosine',
    sample: rows > exactUpTo ? measuredRows : rows,
    seed,
  })
}
