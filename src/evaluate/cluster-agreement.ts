import { InvalidArgumentError } from '../spec/errors.ts'

/** How two labellings of the same n items count together. */
interface Contingency {
  readonly cells: ReadonlyMap<string, { readonly row: number; readonly column: number; readonly count: number }>
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  readonly total: number
}

/**
 * Harmonic mean of homogeneity (each cluster holds one class) and completeness (each class lies in one cluster).
 *
 * @param truth - n class labels. @param predicted - n cluster labels; names are free on both sides.
 * @returns In [0, 1]; 1 for equal partitions.
 *
 * Source: Rosenberg & Hirschberg 2007 (β = 1); agrees with `sklearn.metrics.v_measure_score`.
 */
export function vMeasure(truth: ArrayLike<string | number>, predicted: ArrayLike<string | number>): number {
  const table = contingency(truth, predicted)
  const classes = entropy(table.rows, table.total)
  const clusters = entropy(table.columns, table.total)
  let mutual = 0
  for (const { row, column, count } of table.cells.values())
    mutual +=
      (count / table.total) *
      Math.log((count * table.total) / ((table.rows[row] as number) * (table.columns[column] as number)))
  const homogeneity = classes === 0 ? 1 : mutual / classes
  const completeness = clusters === 0 ? 1 : mutual / clusters
  return homogeneity + completeness === 0 ? 0 : (2 * homogeneity * completeness) / (homogeneity + completeness)
}

/**
 * Agreement of two partitions over pairs of items, corrected for chance: 1 equal, 0 what chance gives, negative worse.
 *
 * Source: Hubert & Arabie 1985; agrees with `sklearn.metrics.adjusted_rand_score`.
 */
export function adjustedRand(a: ArrayLike<string | number>, b: ArrayLike<string | number>): number {
  const table = contingency(a, b)
  const pairs = (n: number) => (n * (n - 1)) / 2
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, n) => total + pairs(n), 0)
  const together = sum([...table.cells.values()].map((cell) => cell.count))
  const inA = sum(table.rows)
  const inB = sum(table.columns)
  const expected = (inA * inB) / pairs(table.total)
  const greatest = (inA + inB) / 2
  return greatest === expected || table.total < 2 ? 1 : (together - expected) / (greatest - expected)
}

function contingency(a: ArrayLike<string | number>, b: ArrayLike<string | number>): Contingency {
  if (a.length !== b.length) throw new InvalidArgumentError('labels', `${a.length} labels on both sides`, b.length)
  if (a.length === 0) throw new InvalidArgumentError('labels', 'at least one item', 0)
  const rowOf = new Map<string | number, number>()
  const columnOf = new Map<string | number, number>()
  const rows: number[] = []
  const columns: number[] = []
  const cells = new Map<string, { row: number; column: number; count: number }>()
  for (let i = 0; i < a.length; i++) {
    const row = indexOf(rowOf, a[i] as string | number)
    const column = indexOf(columnOf, b[i] as string | number)
    rows[row] = (rows[row] ?? 0) + 1
    columns[column] = (columns[column] ?? 0) + 1
    const cell = cells.get(`${row},${column}`)
    if (cell === undefined) cells.set(`${row},${column}`, { row, column, count: 1 })
    else cell.count++
  }
  return { cells, rows, columns, total: a.length }
}

function indexOf(indices: Map<string | number, number>, label: string | number): number {
  const known = indices.get(label)
  if (known !== undefined) return known
  indices.set(label, indices.size)
  return indices.size - 1
}

function entropy(counts: readonly number[], total: number): number {
  return counts.reduce((sum, count) => sum - (count / total) * Math.log(count / total), 0)
}
