import type { SparseRows } from './fuzzy-set.ts'
import { portableLog } from './portable-math.ts'
import type { Random } from './random.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/** Columns worked on together: the trivial eigenvector, up to three wanted ones. */
export const spectralBlock = 4

/** One step of next = scale · (A · now) + shift · now − back · last on blocks numbered 0 to 2. */
export type Recur = (
  now: number,
  last: number,
  next: number,
  factors: { scale: number; shift: number; back: number },
) => Promise<unknown>

/** Degree of the first filter; it doubles every second round. */
const firstDegree = 24
/** A vector may err by this share of its distance to the rest of the spectrum. */
const tolerance = 0.1
/** Products with the matrix spent at most, fewer for more rows: a start need not be perfect. */
const productsFor = (rows: number) => Math.min(3000, Math.max(240, Math.floor(1e7 / rows)))

/** Number of parts of a graph with no edge between them. */
export function countParts({ rows, starts, columns }: SparseRows): number {
  const seen = new Uint8Array(rows)
  const stack: number[] = []
  let parts = 0
  for (let root = 0; root < rows; root++) {
    if (seen[root] === 1) continue
    parts++
    seen[root] = 1
    stack.push(root)
    for (let row = stack.pop(); row !== undefined; row = stack.pop())
      for (let e = starts[row]!; e < starts[row + 1]!; e++) {
        const column = columns[e]!
        if (seen[column] === 1) continue
        seen[column] = 1
        stack.push(column)
      }
  }
  return parts
}

/** Weights of A = D^−½ W D^−½, the normalised adjacency matrix, and √D. */
export function normalizedAdjacency({ rows, starts, columns, weights }: SparseRows) {
  const roots = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let degreeOfRow = 0
    for (let e = starts[i]!; e < starts[i + 1]!; e++) degreeOfRow += weights[e]!
    roots[i] = Math.sqrt(degreeOfRow)
  }
  const normalized = new Float32Array(weights.length)
  for (let i = 0; i < rows; i++)
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const product = roots[i]! * roots[columns[e]!]!
      normalized[e] = product > 0 ? weights[e]! / product : 0
    }
  return { roots, normalized }
}

/**
 * Leading eigenvectors of A by subspace iteration with Chebyshev filters: each round damps the part of the spectrum
 * below the smallest of the four Ritz values. As exact as a start for a layout needs to be.
 *
 * @param roots - √D: the eigenvector of the eigenvalue 1.
 * @param blockOf - The four interleaved columns of block 0, 1 or 2.
 * @returns `rows × 4` interleaved, by falling eigenvalue, unit columns; column 0 is the trivial one.
 *
 * Source: Zhou, Saad, Tiago & Chelikowsky 2006.
 */
export async function leadingVectors(
  roots: Float64Array,
  random: Random,
  blockOf: (block: number) => Float32Array,
  recur: Recur,
): Promise<Float64Array> {
  const rows = roots.length
  const vectors = new Float64Array(rows * spectralBlock)
  for (let i = 0; i < rows; i++) {
    vectors[i * spectralBlock] = roots[i]!
    for (let c = 1; c < spectralBlock; c++) vectors[i * spectralBlock + c] = random.float64() - 0.5
  }
  const most = productsFor(rows)
  let products = 0
  for (let round = 0; ; round++) {
    orthonormalizeColumns(vectors, rows)
    blockOf(0).set(vectors)
    await recur(0, 0, 1, { scale: 1, shift: 0, back: 0 })
    const { values, settled } = rotate(vectors, blockOf(1), rows)
    if (settled || products >= most) return vectors
    blockOf(0).set(vectors)
    const cut = Math.min(1 - 1e-6, Math.max(0, values[spectralBlock - 1]!))
    const half = (cut + 1) / 2
    const centre = (cut - 1) / 2
    // The filter magnifies the eigenvalue 1 by cosh(degree · growth); more than e^30 would strain float32.
    const edge = (1 - centre) / half
    const growth = portableLog(edge + Math.sqrt(edge * edge - 1))
    const degree = Math.min(firstDegree * 2 ** (round >> 1), most - products + 1, Math.ceil(30 / growth))
    await recur(0, 0, 1, { scale: 1 / half, shift: -centre / half, back: 0 })
    let [last, now, next] = [0, 1, 2]
    for (let k = 1; k < degree; k++) {
      await recur(now, last, next, { scale: 2 / half, shift: (-2 * centre) / half, back: 1 })
      ;[last, now, next] = [now, next, last]
    }
    products += degree
    vectors.set(blockOf(now))
  }
}

/** Rayleigh–Ritz in place: turn the columns into approximate eigenvectors, eigenvalues falling. */
function rotate(vectors: Float64Array, image: Float32Array, rows: number) {
  const small = new Float64Array(spectralBlock * spectralBlock)
  for (let i = 0; i < rows * spectralBlock; i += spectralBlock)
    for (let r = 0; r < spectralBlock; r++)
      for (let c = 0; c <= r; c++) small[r * spectralBlock + c]! += vectors[i + r]! * image[i + c]!
  const { values, vectors: turns } = symmetricEigen(small, spectralBlock)
  const turned = new Float64Array(spectralBlock)
  const residuals = new Float64Array(spectralBlock)
  for (let i = 0; i < rows * spectralBlock; i += spectralBlock) {
    for (let r = 0; r < spectralBlock; r++) {
      let [own, mapped] = [0, 0]
      for (let c = 0; c < spectralBlock; c++) {
        own += turns[r * spectralBlock + c]! * vectors[i + c]!
        mapped += turns[r * spectralBlock + c]! * image[i + c]!
      }
      turned[r] = own
      residuals[r]! += (mapped - values[r]! * own) ** 2
    }
    vectors.set(turned, i)
  }
  // The last column only marks where the rest of the spectrum begins.
  const floor = values[spectralBlock - 1]!
  let settled = true
  for (let r = 1; r < spectralBlock - 1; r++)
    if (Math.sqrt(residuals[r]!) > tolerance * (values[r]! - floor)) settled = false
  return { values, settled }
}

/** Gram–Schmidt, twice for float64's sake; a column that vanishes stays zero. */
function orthonormalizeColumns(vectors: Float64Array, rows: number): void {
  for (let c = 0; c < spectralBlock; c++)
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < c; before++) {
        let dot = 0
        for (let i = 0; i < rows * spectralBlock; i += spectralBlock) dot += vectors[i + c]! * vectors[i + before]!
        for (let i = 0; i < rows * spectralBlock; i += spectralBlock) vectors[i + c]! -= dot * vectors[i + before]!
      }
      let square = 0
      for (let i = c; i < rows * spectralBlock; i += spectralBlock) square += vectors[i]! * vectors[i]!
      const scale = square > 0 ? 1 / Math.sqrt(square) : 0
      for (let i = c; i < rows * spectralBlock; i += spectralBlock) vectors[i]! *= scale
    }
}
