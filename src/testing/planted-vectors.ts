/**
 * Vectors that tell which text they were made for: the signs of the first 32 values are the bits of the text's id, the
 * rest follow from it. So a swapped, doubled or foreign row is seen whatever its scale.
 */
export interface PlantOptions {
  /** Integer ≥ 32. */
  readonly dimensions: number
  /** Other weights: the same id, values that have nothing in common from the 33rd on. @default 0 */
  readonly weights?: number | undefined
}

/** 32 bits for a text (FNV-1a over UTF-16 code units, mixed). */
export function plantedId(text: string): number {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193) >>> 0
  return mixed(state)
}

/** The vector of a text, at unit length. */
export function plantedVector(text: string, { dimensions, weights = 0 }: PlantOptions): number[] {
  const id = plantedId(text)
  const values: number[] = []
  let state = (id ^ Math.imul(weights, 0x9e3779b1)) >>> 0
  for (let i = 0; i < dimensions; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const size = 0.5 + mixed(state) / 2 ** 33
    const isPositive = i < 32 ? ((id >>> i) & 1) === 1 : (mixed(state ^ 0x5bd1e995) & 1) === 1
    values.push(isPositive ? size : -size)
  }
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
  return values.map((value) => value / length)
}

/** The id that a row carries, whatever its scale. */
export function readPlantedId(row: ArrayLike<number>): number {
  let id = 0
  for (let i = 0; i < 32; i++) if ((row[i] as number) > 0) id |= 1 << i
  return id >>> 0
}

function mixed(state: number): number {
  let value = state >>> 0
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b) >>> 0
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35) >>> 0
  return (value ^ (value >>> 16)) >>> 0
}
