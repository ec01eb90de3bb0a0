/**
 * Rows of int8 in four bits a value: `value = floor(code · scale · spread / 4096 + 1/2)`, within ±127. Codes run from −8 to 7
 * and are kept with 8 added; byte i of each 16 holds column i of 32 in its low half and column 16 + i in its high half.
 */
export interface PackedRows {
  /** `rows × columns / 2` bytes. */
  readonly codes: Uint8Array
  /** One a row. */
  readonly scales: Uint8Array
  /** One a column; columns are a multiple of 32. */
  readonly spreads: Uint8Array
}

const unit = 4096
/** Shares of a row's largest value that are tried as the value of code 7. */
const clipShares = [1, 0.92, 0.84, 0.76, 0.68, 0.6, 0.52, 0.44]

/** Codes with the least squared error a row among a few scales. @param rows - `rows × columns`, row-major. */
export function packRows(rows: Int8Array, columns: number): PackedRows {
  const count = rows.length / columns
  const squares = new Float64Array(columns)
  for (let i = 0; i < rows.length; i++) squares[i % columns]! += rows[i]! * rows[i]!
  const widest = Math.sqrt(Math.max(...squares))
  const spreads = Uint8Array.from(squares, (sum) => Math.max(1, Math.round((255 * Math.sqrt(sum)) / widest)))
  const scales = new Uint8Array(count)
  const codes = new Uint8Array((count * columns) / 2)
  for (let row = 0; row < count; row++) {
    const values = rows.subarray(row * columns, (row + 1) * columns)
    const scale = scaleOf(values, spreads)
    scales[row] = scale
    for (let column = 0; column < columns; column++) {
      const code = codeOf(values[column]!, scale * spreads[column]!) + 8
      const at = row * (columns / 2) + (column >> 5) * 16 + (column & 15)
      codes[at]! |= column & 16 ? code << 4 : code
    }
  }
  return { codes, scales, spreads }
}

/** Write rows into `table`, each `stride` values after the other, from `at` on. */
export function unpackRows({ codes, scales, spreads }: PackedRows, table: Int8Array, at: number, stride: number): void {
  const columns = spreads.length
  for (let row = 0; row < scales.length; row++)
    for (let column = 0; column < columns; column++) {
      const byte = codes[row * (columns / 2) + (column >> 5) * 16 + (column & 15)]!
      const code = (column & 16 ? byte >> 4 : byte & 15) - 8
      table[at + row * stride + column] = decoded(code, scales[row]! * spreads[column]!)
    }
}

function scaleOf(values: Int8Array, spreads: Uint8Array): number {
  let peak = 0
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, Math.abs(values[i]!) / spreads[i]!)
  let best = 1
  let least = Number.POSITIVE_INFINITY
  for (const share of clipShares) {
    const scale = Math.min(255, Math.max(1, Math.round((peak * share * unit) / 7)))
    let error = 0
    for (let i = 0; i < values.length; i++) {
      const factor = scale * spreads[i]!
      error += (values[i]! - decoded(codeOf(values[i]!, factor), factor)) ** 2
    }
    if (error < least) {
      least = error
      best = scale
    }
  }
  return best
}

function codeOf(value: number, factor: number): number {
  return Math.min(7, Math.max(-8, Math.round((value * unit) / factor)))
}

function decoded(code: number, factor: number): number {
  return Math.min(127, Math.max(-127, Math.floor((code * factor) / unit + 0.5)))
}
