import { createRandom, type Random } from '../../src/kernels/random.ts'
import { createMatrix, type Matrix } from '../../src/spec/matrix.ts'

/** Corpora on which pruning by bounds goes wrong first, each with queries of its kind. */
export const adversarialSets = {
  clusters: (random: Random, columns: number) => {
    const centres = Array.from({ length: 12 }, () => unit(random, columns))
    return () => {
      const centre = centres[random.below(centres.length)] as Float64Array
      return centre.map((value) => value + 0.05 * random.normal())
    }
  },
  duplicates: (random: Random, columns: number) => {
    const few = Array.from({ length: 40 }, () => unit(random, columns))
    return () => few[random.below(few.length)] as Float64Array
  },
  'near-ties': (random: Random, columns: number) => {
    const base = unit(random, columns)
    return () => {
      const row = base.slice()
      const at = random.below(columns)
      row[at] = (row[at] as number) + (random.below(3) - 1) * 2 ** -22
      return row
    }
  },
  'tiny norms': (random: Random, columns: number) => () => {
    const scale = 10 ** -random.below(42)
    return unit(random, columns).map((value) => value * scale)
  },
  'unlike norms': (random: Random, columns: number) => () => {
    const scale = 10 ** (random.below(70) - 35)
    return unit(random, columns).map((value) => value * scale)
  },
  'one dominant dimension': (random: Random, columns: number) => {
    const at = random.below(columns)
    return () => {
      const row = unit(random, columns)
      row[at] = 1000 + random.normal()
      return row
    }
  },
  'far from the origin': (random: Random, columns: number) => {
    const offset = unit(random, columns).map((value) => value * 1e4)
    return () => unit(random, columns).map((value, j) => value + (offset[j] as number))
  },
  integers: (random: Random, columns: number) => () =>
    Float64Array.from({ length: columns }, (_, j) => (j === 0 ? 1 : random.below(3) - 1)),
  'few dimensions': (random: Random, columns: number) => {
    const axes = Array.from({ length: 3 }, () => unit(random, columns))
    return () => {
      const row = new Float64Array(columns)
      for (const axis of axes) {
        const weight = random.normal()
        for (let j = 0; j < columns; j++) row[j] = (row[j] as number) + weight * (axis[j] as number)
      }
      return row
    }
  },
  random: (random: Random, columns: number) => () => unit(random, columns),
  'all equal': (random: Random, columns: number) => {
    const row = unit(random, columns)
    return () => row
  },
} satisfies Record<string, (random: Random, columns: number) => () => Float64Array>

export type SetName = keyof typeof adversarialSets

export function makeSet(
  name: SetName,
  shape: { rows: number; queries: number; columns: number; seed: number },
): { corpus: Matrix; queries: Matrix } {
  const random = createRandom(shape.seed)
  const next = adversarialSets[name](random, shape.columns)
  const fill = (rows: number): Matrix => {
    const matrix = createMatrix(rows, shape.columns)
    for (let i = 0; i < rows; i++) matrix.data.set(next(), i * shape.columns)
    // Rounding to float32 may leave nothing of a tiny row.
    for (let i = 0; i < rows; i++)
      if (!matrix.data.subarray(i * shape.columns, (i + 1) * shape.columns).some((value) => value !== 0))
        matrix.data[i * shape.columns] = 1e-44
    return matrix
  }
  const corpus = fill(shape.rows)
  const queries = fill(shape.queries)
  // Every other query is a row of the corpus itself.
  for (let i = 0; i < shape.queries; i += 2) {
    const row = random.below(shape.rows) * shape.columns
    queries.data.set(corpus.data.subarray(row, row + shape.columns), i * shape.columns)
  }
  return { corpus, queries }
}

function unit(random: Random, columns: number): Float64Array {
  const row = Float64Array.from({ length: columns }, () => random.normal())
  const norm = Math.hypot(...row) || 1
  return row.map((value) => value / norm)
}
