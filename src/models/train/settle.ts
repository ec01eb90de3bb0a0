import { cholesky, solveCholesky } from '../../kernels/linear-algebra.ts'

/** Share of the mean square of the features that is added to each of them: a ridge, so that the fit is always possible. */
const ridge = 1e-3

/** Features of a row into `output`, whose last value stays 1. */
type Features = (row: number, output: Float64Array) => void

/**
 * What a row has learnt is partly of the very texts it was met in. So each goes towards what its features foretell, as far as
 * the rows as a whole say: n / (n + `halfway`) of its own after n meetings. The forecast is linear, by least squares over all
 * rows; a row counts there as much as it keeps of its own.
 *
 * @param table - `from … to` are the rows settled, in place; `columns` values each.
 * @param met - Meetings of each row.
 * @param halfway - Greater than 0; larger: nearer to the forecast.
 * @param width - Number of features, without the constant.
 *
 * Cost: O((to − from) · width · (width + columns)). Source: empirical Bayes with a regression as the prior's mean (Efron & Morris 1973).
 */
export function settle(
  table: Float32Array,
  columns: number,
  range: { readonly from: number; readonly to: number },
  met: Float64Array,
  halfway: number,
  width: number,
  features: Features,
): void {
  const size = width + 1
  const x = new Float64Array(size).fill(1)
  const gram = new Float64Array(size * size)
  const right = new Float64Array(columns * size)
  for (let row = range.from; row < range.to; row++) {
    const weight = met[row]! / (met[row]! + halfway)
    if (!(weight > 0)) continue
    features(row, x)
    for (let i = 0; i < size; i++) {
      const weighted = weight * x[i]!
      for (let j = 0; j <= i; j++) gram[i * size + j] = gram[i * size + j]! + weighted * x[j]!
    }
    for (let column = 0; column < columns; column++) {
      const weighted = weight * table[row * columns + column]!
      for (let i = 0; i < size; i++) right[column * size + i] = right[column * size + i]! + weighted * x[i]!
    }
  }
  let trace = 0
  for (let i = 0; i < size; i++) trace += gram[i * size + i]!
  // No row was met: nothing was learnt.
  if (trace === 0) return
  for (let i = 0; i < size; i++) gram[i * size + i] = gram[i * size + i]! + (ridge * trace) / size
  const lower = cholesky(gram, size)
  const map = new Float64Array(columns * size)
  for (let column = 0; column < columns; column++)
    map.set(solveCholesky(lower, right.subarray(column * size, (column + 1) * size)), column * size)
  for (let row = range.from; row < range.to; row++) {
    const share = met[row]! / (met[row]! + halfway)
    features(row, x)
    for (let column = 0; column < columns; column++) {
      let forecast = 0
      for (let i = 0; i < size; i++) forecast += map[column * size + i]! * x[i]!
      const at = row * columns + column
      table[at] = forecast + (table[at]! - forecast) * share
    }
  }
}
