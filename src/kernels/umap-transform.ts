import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { firingRates, memberships, type SparseRows, toSparseRows } from './fuzzy-set.ts'
import { neighboursAmong } from './neighbour-distances.ts'
import { createRandom } from './random.ts'
import { fitCurve } from './umap-curve.ts'
import { optimizeLayout } from './umap-layout.ts'
import { settingsOf, type UmapOptions } from './umap-settings.ts'

/**
 * Place new rows among rows that have their places in a layout already and stay there.
 *
 * @param added - `Matrix` of as many columns as the fitted vectors; finite.
 * @param fitted.vectors - The rows that were laid out, at least 2.
 * @param fitted.layout - Their places, `rows × components`, as `umap` gave them; read only.
 * @param options - Those the layout was made with; `init`, `labels` and `onProgress` are not used.
 * @returns places of the added rows; each depends on the others only through chance.
 * @throws {InvalidArgumentError} when shapes disagree or fewer than 2 rows were fitted.
 * @throws {PassportMismatchError} when two models made the rows.
 *
 * Cost: exact neighbours O(added · rows · columns), then O(added · nNeighbors · epochs).
 */
export async function umapTransform(
  added: Matrix,
  fitted: { readonly vectors: Matrix; readonly layout: Matrix },
  options: UmapOptions = {},
): Promise<Matrix> {
  const { vectors, layout } = fitted
  const { rows } = vectors
  if (layout.rows !== rows)
    throw new InvalidArgumentError('fitted.layout', `${rows} rows like the vectors`, layout.rows)
  if (rows < 2) throw new InvalidArgumentError('matrix', 'at least 2 fitted rows to place others among', rows)
  const { init: _start, labels: _labels, ...rest } = options
  const settings = settingsOf(vectors, { ...rest, components: layout.columns })
  assertComparable(vectors, added, 'rows')
  assertFinite(added, 'rows')
  if (added.rows === 0) return createMatrix(0, layout.columns)
  const { metric, threads, engine, components } = settings
  const near = await neighboursAmong(added, vectors, {
    ...{ k: Math.min(settings.nNeighbors, rows), metric, threads, engine },
  })
  const edges = toSparseRows(near, memberships(near))
  const curve = fitCurve(settings.spread, settings.minDist)
  const placed = await optimizeLayout(
    edges,
    firingRates(edges),
    weightedMeans(edges, layout.data, components),
    {
      ...{ components, threads, engine, a: curve.a, b: curve.b },
      repulsionStrength: settings.repulsionStrength,
      negativeSampleRate: settings.negativeSampleRate,
      seed: createRandom(settings.seed).fork('layout').uint32() | 0,
      // As many as umap-learn gives to points that only have to settle among fixed ones.
      epochs: options.epochs === undefined ? (rows <= 10_000 ? 100 : 30) : Math.ceil(options.epochs / 3),
      learningRate: settings.learningRate / 4,
      pull: 1,
    },
    layout.data,
  )
  return createMatrix(added.rows, components, placed)
}

/** Each row at the mean of its neighbours' places, weighted by membership. */
function weightedMeans(graph: SparseRows, embedding: Float32Array, components: number): Float32Array {
  const means = new Float32Array(graph.rows * components)
  for (let i = 0; i < graph.rows; i++)
    for (let c = 0; c < components; c++) {
      let [sum, total] = [0, 0]
      for (let e = graph.starts[i]!; e < graph.starts[i + 1]!; e++) {
        sum += graph.weights[e]! * embedding[graph.columns[e]! * components + c]!
        total += graph.weights[e]!
      }
      means[i * components + c] = sum / total
    }
  return means
}
