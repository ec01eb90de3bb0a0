import { InvalidArgumentError } from '../spec/errors.ts'
import { assertComparable, assertFinite, type Matrix } from '../spec/matrix.ts'
import type { Passport } from '../spec/passport.ts'

export type Precision = 'int8' | 'uint8' | 'binary' | 'ubinary'

/** Least and greatest value of each dimension, over which the 256 levels of `int8` and `uint8` are spread. */
export interface Ranges {
  readonly least: Float32Array
  readonly greatest: Float32Array
}

/** Rows of bytes: one a dimension (`int8`, `uint8`), or eight dimensions a byte, the first in the highest bit. */
export interface QuantizedMatrix {
  readonly precision: Precision
  /** Int8Array for `int8` and `binary`, Uint8Array for the others; `rows × bytesPerRow`. */
  readonly data: Int8Array | Uint8Array
  readonly rows: number
  /** Dimensions, not bytes. */
  readonly columns: number
  readonly bytesPerRow: number
  readonly ranges?: Ranges | undefined
  readonly passport?: Passport | undefined
}

export interface QuantizeOptions {
  readonly precision: Precision
  /** For `int8` and `uint8`. @default those of `calibration` */
  readonly ranges?: Ranges | undefined
  /** Rows that show the ranges; a few thousand of the corpus are enough. @default the matrix itself, at least 2 rows */
  readonly calibration?: Matrix | undefined
}

/**
 * Fewer bytes a vector: a quarter (`int8`, `uint8`) or a thirty-second (`binary`, `ubinary`).
 *
 * @param matrix - Finite rows.
 * @returns Fresh codes. Levels: ⌊(x − least) / ((greatest − least) / 255)⌋ in float32, held within 0 … 255, less 128 for
 *   `int8`; bits: x > 0, packed, less 128 for `binary`.
 * @throws {InvalidArgumentError} when the precision is unknown, ranges don't fit, or would come from fewer than 2 rows.
 * @throws {InvalidVectorError} for NaN or an infinity.
 *
 * Source: sentence-transformers 6.2 `quantize_embeddings`; same bytes.
 */
export function quantize(matrix: Matrix, options: QuantizeOptions): QuantizedMatrix {
  const { precision } = options
  assertFinite(matrix)
  switch (precision) {
    case 'int8':
    case 'uint8':
      return quantizeLevels(matrix, precision, options.ranges ?? rangesFor(matrix, options.calibration))
    case 'binary':
    case 'ubinary':
      return quantizeBits(matrix, precision)
    default:
      throw new InvalidArgumentError('options.precision', "'int8', 'uint8', 'binary' or 'ubinary'", precision)
  }
}

/** Least and greatest value of each column. */
export function rangesOf(matrix: Matrix): Ranges {
  const { data, rows, columns } = matrix
  const least = new Float32Array(columns).fill(Infinity)
  const greatest = new Float32Array(columns).fill(-Infinity)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const value = data[i * columns + j] as number
      if (value < (least[j] as number)) least[j] = value
      if (value > (greatest[j] as number)) greatest[j] = value
    }
  return { least, greatest }
}

function rangesFor(matrix: Matrix, calibration: Matrix | undefined): Ranges {
  const rows = calibration ?? matrix
  if (calibration !== undefined) {
    assertComparable(matrix, calibration, 'options.calibration')
    assertFinite(calibration, 'options.calibration')
  } else if (matrix.rows === 0)
    return { least: new Float32Array(matrix.columns), greatest: new Float32Array(matrix.columns) }
  if (rows.rows < 2)
    throw new InvalidArgumentError(
      calibration === undefined ? 'matrix' : 'options.calibration',
      'at least 2 rows to take ranges from',
      rows.rows,
      'Pass `ranges` or more `calibration` rows.',
    )
  return rangesOf(rows)
}

function quantizeLevels(matrix: Matrix, precision: 'int8' | 'uint8', ranges: Ranges): QuantizedMatrix {
  const { rows, columns, passport } = matrix
  const { least, greatest } = ranges
  if (least.length !== columns || greatest.length !== columns)
    throw new InvalidArgumentError('options.ranges', `${columns} dimensions`, `${least.length} and ${greatest.length}`)
  const steps = least.map((low, j) => Math.fround(Math.fround((greatest[j] as number) - low) / 255) || 1)
  const offset = precision === 'int8' ? 128 : 0
  const data = precision === 'int8' ? new Int8Array(rows * columns) : new Uint8Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const above = Math.fround((matrix.data[i * columns + j] as number) - (least[j] as number))
      const level = Math.floor(Math.fround(above / (steps[j] as number)))
      data[i * columns + j] = Math.min(255, Math.max(0, level)) - offset
    }
  return { precision, data, rows, columns, bytesPerRow: columns, ranges, passport }
}

function quantizeBits(matrix: Matrix, precision: 'binary' | 'ubinary'): QuantizedMatrix {
  const { rows, columns, passport } = matrix
  const bytesPerRow = Math.ceil(columns / 8)
  const bytes = new Uint8Array(rows * bytesPerRow)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      if ((matrix.data[i * columns + j] as number) > 0) bytes[i * bytesPerRow + (j >> 3)]! |= 128 >> (j & 7)
  const data = precision === 'ubinary' ? bytes : Int8Array.from(bytes, (byte) => byte - 128)
  return { precision, data, rows, columns, bytesPerRow, passport }
}
