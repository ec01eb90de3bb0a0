import { rangesOf } from '../kernels/quantize.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'

/** How the values of a stored vector are kept. */
export type KeptDtype = 'float32' | 'int8' | 'binary'
export const keptDtypes: readonly KeptDtype[] = ['float32', 'int8', 'binary']

export function bytesPerVector(dimensions: number, dtype: KeptDtype): number {
  return dtype === 'float32' ? 4 * dimensions : dtype === 'int8' ? dimensions : Math.ceil(dimensions / 8)
}

/** The first `dimensions` of each row at unit length; a row that is zero there stays zero. */
export function shortened(matrix: Matrix, dimensions: number): Matrix {
  const short = createMatrix(matrix.rows, dimensions)
  for (let i = 0; i < matrix.rows; i++) {
    const row = rowOf(short, i)
    row.set(rowOf(matrix, i).subarray(0, dimensions))
    let square = 0
    for (const value of row) square += value * value
    if (square > 0) for (let j = 0; j < dimensions; j++) row[j] = (row[j] as number) / Math.sqrt(square)
  }
  return short
}

/**
 * Rows as they come back from where they are kept: int8 over each column's range, binary as signs. Queries are kept
 * nowhere, so int8 leaves them as they are; binary codes are compared with codes.
 */
export function asKept(documents: Matrix, queries: Matrix, dtype: KeptDtype): { documents: Matrix; queries: Matrix } {
  if (dtype === 'float32' || documents.rows === 0) return { documents, queries }
  if (dtype === 'binary') return { documents: signs(documents), queries: signs(queries) }
  const { least, greatest } = rangesOf(documents)
  const kept = createMatrix(documents.rows, documents.columns)
  for (let i = 0; i < documents.data.length; i++) {
    const column = i % documents.columns
    const low = least[column] as number
    const step = ((greatest[column] as number) - low) / 255 || 1
    kept.data[i] = low + step * Math.round(((documents.data[i] as number) - low) / step)
  }
  return { documents: kept, queries }
}

function signs({ data, rows, columns }: Matrix): Matrix {
  return createMatrix(
    rows,
    columns,
    data.map((value) => (value > 0 ? 1 : -1)),
  )
}
