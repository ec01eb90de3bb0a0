/**
 * How much a token counts in its text: `max(1 − damping · c, 1/20) · halfAt / (halfAt + position)`, where c is the cosine
 * of its row with the sum of the text's other rows, each by its place. What the rest of the text says already counts less,
 * and so do late words: lone details and beginnings tell a text from its neighbours.
 */
export interface Pooling {
  /** In [0, 1]. 0: none. 1: a token that says what all the others say has the least weight. */
  readonly damping: number
  /** Position, in known tokens, that counts half of the first; > 0. */
  readonly halfAt: number
}

/** Fixed point of the weights by place and of the weights in all. */
const placeUnit = 256
const weightUnit = 4096
/** The sum of rows is shifted into this range, so that its products with a row add up within 32 bits. */
const meanLimit = 16383
const leastWeight = 0.05

/**
 * Add the int8 rows of a text's tokens, each by its weight in this text, to `sum`.
 *
 * Rows, sums and weights are integers and every fraction is one IEEE double operation on exact integers, so the WASM kernel
 * gives the same bits.
 *
 * @param offsets - Where each known token's row begins in `table`, in the order of the text.
 * @param sum - `columns` values, zero at the start; integers within 32 bits at the end.
 *
 * Cost: three passes over the rows.
 */
export function addInContext(
  table: Int8Array,
  offsets: Int32Array,
  columns: number,
  pooling: Pooling,
  sum: Float64Array,
): void {
  const { mean, shift } = meanOf(table, offsets, columns, pooling.halfAt)
  let squares = 0
  for (const value of mean) squares += value * value
  for (let i = 0; i < offsets.length; i++) {
    const from = offsets[i] as number
    let own = 0
    let along = 0
    for (let column = 0; column < columns; column++) {
      const value = table[from + column] as number
      own += value * value
      along += value * (mean[column] as number)
    }
    const place = placeWeight(i, pooling.halfAt)
    const share = place / 2 ** shift
    const others = (squares - share * (2 * along - share * own)) * own
    const cosine = others > 0 ? (along - share * own) / Math.sqrt(others) : 0
    const kept = Math.max(1 - pooling.damping * cosine, leastWeight)
    const weight = Math.floor((place / placeUnit) * kept * weightUnit + 0.5)
    for (let column = 0; column < columns; column++)
      sum[column] = (sum[column] as number) + weight * (table[from + column] as number)
  }
}

/** The rows' sum by place, shifted right until it fits. */
function meanOf(table: Int8Array, offsets: Int32Array, columns: number, halfAt: number) {
  const mean = new Int32Array(columns)
  for (let i = 0; i < offsets.length; i++) {
    const place = placeWeight(i, halfAt)
    const from = offsets[i] as number
    for (let column = 0; column < columns; column++)
      mean[column] = (mean[column] as number) + place * (table[from + column] as number)
  }
  let largest = 0
  for (const value of mean) largest = Math.max(largest, Math.abs(value))
  let shift = 0
  while (largest >> shift > meanLimit) shift++
  for (let column = 0; column < columns; column++) mean[column] = (mean[column] as number) >> shift
  return { mean, shift }
}

/** Never 0: the last word of the longest text still counts. */
function placeWeight(position: number, halfAt: number): number {
  return Math.max(1, Math.floor((placeUnit * halfAt) / (halfAt + position) + 0.5))
}
