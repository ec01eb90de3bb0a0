import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, createMatrix, type Matrix } from '../spec/matrix.ts'
import { createPanelProduct } from './panel-product.ts'
import type { Engine } from './wasm/features.ts'

const blockRows = 64

/** Rows, less `mean`, times each axis, times that axis's `scale`: the transform of a fitted PCA or SVD. */
export async function createProjection(
  fitted: Matrix,
  axes: Float64Array,
  count: number,
  options: {
    readonly mean?: Float64Array | undefined
    readonly scales?: Float64Array | undefined
    readonly engine?: Engine | undefined
  },
): Promise<(matrix: Matrix) => Matrix> {
  const { columns, passport } = fitted
  const { mean, scales } = options
  const product = await createPanelProduct({
    widthA: blockRows,
    widthB: count,
    capacity: columns,
    engine: options.engine,
  })
  for (let i = 0; i < count; i++) product.setBColumn(i, axes, i * columns, columns)
  const space = createMatrix(0, columns, undefined, passport)
  return (matrix) => {
    assertComparable(space, matrix, 'matrix')
    assertFinite(matrix, 'matrix')
    const result = createMatrix(matrix.rows, count)
    for (let start = 0; start < matrix.rows; start += blockRows) {
      const height = Math.min(blockRows, matrix.rows - start)
      for (let i = 0; i < height; i++) product.setAColumn(i, matrix.data, (start + i) * columns, columns, mean)
      product.c.fill(0)
      product.accumulate(columns)
      for (let i = 0; i < height; i++)
        for (let a = 0; a < count; a++)
          result.data[(start + i) * count + a] = product.c[i * product.stride + a]! * (scales?.[a] ?? 1)
    }
    return result
  }
}

/** @throws {InvalidArgumentError} unless `count` is an integer from 1 to `most`. */
export function assertComponents(count: number, most: number): void {
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new InvalidArgumentError('options.components', `an integer from 1 to ${most}`, count)
}
