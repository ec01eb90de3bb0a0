import type { MapCost, MapMethod } from '../../spec/map.ts'

/** Measured on two cores of a server at 20,000 × 384; half of it for the neighbours of all pairs. */
const pairNumbersPerSecond = 1e11
const secondsAnItem: Readonly<Record<MapMethod, number>> = { umap: 1.5e-4, tsne: 8e-4, pca: 1e-5 }
const bytesAnItem: Readonly<Record<MapMethod, number>> = { umap: 2500, tsne: 4000, pca: 100 }

/** What laying out so many items will take, about: the neighbours of all grow with the square of their number. */
export function mapCost(items: number, dimensions: number, method: MapMethod): MapCost {
  const pairs = method === 'pca' ? 0 : (items * items * dimensions) / pairNumbersPerSecond
  const seconds = pairs + items * secondsAnItem[method]
  return { items, seconds, bytes: items * (8 * dimensions + bytesAnItem[method]) }
}
