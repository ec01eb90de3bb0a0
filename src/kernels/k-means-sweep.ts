import { assertFinite, type Matrix } from '../spec/matrix.ts'
import { squaredDistance } from './metric.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'
import { type Call, Pool } from './wasm/pool.ts'

/**
 * The work of k-means that touches every row, for one matrix and k centroids.
 *
 * A row's label is the centroid of smallest float64 distance (`squaredDistance`), the lowest index of equals.
 * Sums of rows are taken over values rounded to a common grid on which they are exact: they don't depend on order,
 * threads or engine, and a row that leaves a cluster leaves nothing behind.
 */
export interface Sweeper {
  /** −1: not seen yet. Writable between sweeps. */
  readonly labels: Int32Array
  /** k × columns: the sum of the rows of each label. */
  readonly sums: Float64Array
  /** Rows of each label. */
  readonly counts: Float64Array
  /** Squared length of each row. */
  readonly squaredLengths: Float64Array
  /** Forget all labels. */
  reset(): void
  /**
   * Assign the rows of `list`, or all, to `centroids` (k × columns); returns how many labels changed.
   * A row that has a label must have been in every sweep since it got it.
   */
  assign(centroids: Float32Array, list?: Int32Array): Promise<number>
  /** Squared distance of each row to the centroid of its label. */
  ownDistances(): Promise<Float64Array>
  /** Squared distances of the listed rows to row `points[0]`, then to row `points[1]` …: good to some 10⁻⁶. */
  seedDistances(list: Int32Array, points: readonly number[]): Float32Array | Float64Array
  close(): void
}

/** Rows `seedDistances` takes at most. */
export const mostSeedCandidates = 100

/** Squared distance in float64 with four running sums: the lanes of the compiled kernels, so that bits agree. */
function laneDistance(a: Float32Array, aAt: number, b: Float32Array, bAt: number, columns: number): number {
  const sums = [0, 0, 0, 0]
  const whole = columns & ~3
  for (let j = 0; j < whole; j++) {
    const difference = a[aAt + j]! - b[bAt + j]!
    sums[j & 3]! += difference * difference
  }
  let sum = sums[0]! + sums[1]! + (sums[2]! + sums[3]!)
  for (let j = whole; j < columns; j++) {
    const difference = a[aAt + j]! - b[bAt + j]!
    sum += difference * difference
  }
  return sum
}

/** Squared distance in float32 with eight running sums: the lanes of the compiled kernels, so that bits agree. */
function seedDistance(data: Float32Array, a: number, b: number, columns: number): number {
  const f = Math.fround
  const sums = new Float32Array(8)
  const whole = columns & ~7
  for (let j = 0; j < whole; j++) {
    const difference = f(data[a + j]! - data[b + j]!)
    sums[j & 7]! += f(difference * difference)
  }
  const lanes = Float32Array.from({ length: 4 }, (_, lane) => sums[lane]! + sums[lane + 4]!)
  let sum = f(f(lanes[0]! + lanes[1]!) + f(lanes[2]! + lanes[3]!))
  for (let j = whole; j < columns; j++) {
    const difference = f(data[a + j]! - data[b + j]!)
    sum = f(sum + f(difference * difference))
  }
  return sum
}

/** Outside this range float32 products overflow, or lose more than the error bound allows for. */
function suitsFloat32(largestSquaredLength: number): boolean {
  return largestSquaredLength <= 1e30 && largestSquaredLength >= 1e-25
}

function squaredLength(data: Float32Array, at: number, columns: number): number {
  const sums = [0, 0, 0, 0]
  const whole = columns & ~3
  for (let j = 0; j < whole; j++) sums[j & 3]! += data[at + j]! * data[at + j]!
  let sum = sums[0]! + sums[1]! + (sums[2]! + sums[3]!)
  for (let j = whole; j < columns; j++) sum += data[at + j]! * data[at + j]!
  return sum
}

/**
 * Adding and subtracting this rounds a value to a multiple of a power of two so large that sums of all rows stay exact.
 * The grid is about 2^-51 of the largest sum there can be.
 */
function gridOf(largestSquaredLength: number, rows: number): number {
  let magic = 1.5
  // A power of two found by doubling has no rounding, unlike a logarithm.
  const bound = 2 * rows * Math.sqrt(largestSquaredLength)
  while (magic < bound) magic *= 2
  while (magic > 2 * bound && magic > 1e-280) magic /= 2
  return magic
}

/** The specification, and the engine where there is no SIMD or where float32 products would overflow or vanish. */
function createPlainSweeper(matrix: Matrix, k: number): Sweeper {
  const { data, rows, columns } = matrix
  const squaredLengths = new Float64Array(rows)
  for (let i = 0; i < rows; i++) squaredLengths[i] = squaredLength(data, i * columns, columns)
  const largest = squaredLengths.reduce((a, b) => Math.max(a, b), 0)
  const magic = gridOf(largest, rows)
  const labels = new Int32Array(rows).fill(-1)
  const sums = new Float64Array(k * columns)
  const counts = new Float64Array(k)
  let centroids: Float32Array = new Float32Array(0)

  function add(row: number, label: number, sign: number): void {
    counts[label]! += sign
    for (let j = 0; j < columns; j++) sums[label * columns + j]! += (data[row * columns + j]! + magic - magic) * sign
  }

  return {
    labels,
    sums,
    counts,
    squaredLengths,
    reset() {
      labels.fill(-1)
      sums.fill(0)
      counts.fill(0)
    },
    async assign(values, list) {
      centroids = values
      let changed = 0
      for (let i = 0; i < (list?.length ?? rows); i++) {
        const row = list?.[i] ?? i
        let best = Number.POSITIVE_INFINITY
        let nearest = 0
        for (let j = 0; j < k; j++) {
          const distance = squaredDistance(data, row * columns, centroids, j * columns, columns)
          if (distance < best) {
            best = distance
            nearest = j
          }
        }
        const label = labels[row]!
        if (nearest === label) continue
        changed++
        labels[row] = nearest
        add(row, nearest, 1)
        if (label >= 0) add(row, label, -1)
      }
      return changed
    },
    async ownDistances() {
      return Float64Array.from(labels, (label, row) =>
        laneDistance(data, row * columns, centroids, label * columns, columns),
      )
    },
    seedDistances(list, points) {
      const distance = suitsFloat32(largest)
        ? (row: number, point: number) => seedDistance(data, row * columns, point * columns, columns)
        : (row: number, point: number) => laneDistance(data, row * columns, data, point * columns, columns)
      const distances = new Float64Array(points.length * list.length)
      points.forEach((point, p) => {
        for (let i = 0; i < list.length; i++) distances[p * list.length + i] = distance(list[i]!, point)
      })
      return distances
    },
    close() {},
  }
}

/** Exports of assembly/k-means.ts. */
interface Kernel {
  squaredNorms(...args: readonly number[]): undefined
  seedDistances(...args: readonly number[]): undefined
  merge(total: number, part: number, length: number): undefined
  assign(...args: readonly number[]): number
  ownDistances(...args: readonly number[]): undefined
  [method: string]: (...args: number[]) => number | undefined
}

/** Enough calls for threads to share a sweep evenly, few enough that adding their sums costs little. */
const callsPerThread = 3
/** Multiply-adds below which waking another thread costs more than it saves. */
const threadWork = 2e6
/** Bytes that bounds on all distances may take; beyond it every sweep measures every distance. */
const maxBoundBytes = 2 ** 30
const maxWorkBytes = 2 ** 27

/** The last arena, unless memory was wanted elsewhere: fresh pages take longer to get than rows to copy. */
let spare: WeakRef<Arena> | undefined
const maxSpareBytes = 2 ** 28

function takeArena(): Arena {
  const arena = spare?.deref()
  spare = undefined
  return arena ?? new Arena({ shared: true })
}

function giveBack(arena: Arena): void {
  if (arena.memory.buffer.byteLength <= maxSpareBytes) spare = new WeakRef(arena)
}

/**
 * @param options.bounded - Keep Elkan's bounds, rows × k float32: worth it where centroids move little between sweeps.
 * @param options.threads - Threads to use at most.
 */
export async function createSweeper(
  matrix: Matrix,
  k: number,
  options: { readonly engine: Engine; readonly threads?: number | undefined; readonly bounded: boolean },
): Promise<Sweeper> {
  const { rows, columns } = matrix
  if (options.engine === 'typescript' || rows === 0 || columns === 0) {
    assertFinite(matrix, 'matrix')
    return createPlainSweeper(matrix, k)
  }
  const padded = Math.ceil(k / 4) * 4
  const sumBytes = Math.ceil((k * columns * 8) / 16) * 16
  const workBytes = sumBytes + padded * 8 + (padded + 4) * 12
  const arena = takeArena()
  const free = arena.mark()
  const pool = new Pool(arena, options.threads)
  const callCount = Math.max(1, Math.min(callsPerThread * pool.threads, Math.floor(maxWorkBytes / workBytes)))
  const atX = arena.alloc(rows * columns * 4)
  const atNorms = arena.alloc(rows * 8)
  const atLabels = arena.alloc(rows * 4)
  const atList = arena.alloc(rows * 4)
  const atUpper = arena.alloc(rows * 4)
  const atDistances = arena.alloc(rows * 8)
  const atPoints = arena.alloc(mostSeedCandidates * 4)
  const isBounded = options.bounded && rows * padded * 4 <= maxBoundBytes
  const atLower = isBounded ? arena.alloc(rows * padded * 4) : 0
  const atCentroids = arena.alloc(k * columns * 4)
  const atSquares = arena.alloc(padded * 4)
  const atDrift = arena.alloc(padded * 4)
  const atTotal = arena.alloc(workBytes)
  const atWork = Array.from({ length: callCount }, () => arena.alloc(workBytes))

  const name = options.engine === 'relaxed' ? 'k-means.relaxed' : 'k-means'
  const kernel = await loadKernel<Kernel>(name, arena.memory)
  const doubles = (at: number, length: number) => new Float64Array(arena.memory.buffer, at, length)
  arena.float32(atX, rows * columns).set(matrix.data)
  for (const at of [atTotal, ...atWork]) doubles(at, workBytes / 8).fill(0)

  /** Split `count` rows into calls made by `call(from, to, index)`, on threads where there is enough to do. */
  async function runSplit(method: string, count: number, cost: number, call: (...span: number[]) => Call) {
    const parts = pool.threads > 1 && count * cost >= threadWork ? callCount : 1
    const calls = Array.from({ length: parts }, (_, i) =>
      call(Math.floor((count * i) / parts), Math.floor((count * (i + 1)) / parts), i),
    )
    if (parts > 1) return [...(await pool.run(name, method, calls))]
    return [kernel[method]!(...calls[0]!) ?? 0]
  }

  await runSplit('squaredNorms', rows, columns, (from, to) => [atX, from, to, columns, atNorms])
  const squaredLengths = doubles(atNorms, rows)
  let largest = 0
  for (const square of squaredLengths) {
    if (!Number.isFinite(square)) {
      close()
      assertFinite(matrix, 'matrix')
    }
    if (square > largest) largest = square
  }
  if (!suitsFloat32(largest)) {
    close()
    return createPlainSweeper(matrix, k)
  }
  const magic = gridOf(largest, rows)
  const labels = arena.int32(atLabels, rows).fill(-1)
  const list = arena.int32(atList, rows)
  const centroids = arena.float32(atCentroids, k * columns)
  const squares = arena.float32(atSquares, padded)
  const drift = arena.float32(atDrift, padded)
  let largestCentroid = 0
  let error = 0

  return {
    labels,
    sums: doubles(atTotal, k * columns),
    counts: doubles(atTotal + sumBytes, k),
    squaredLengths,
    reset() {
      labels.fill(-1)
      doubles(atTotal, workBytes / 8).fill(0)
    },
    async assign(values, chosen) {
      moveCentroids(values)
      if (chosen !== undefined) list.set(chosen)
      const results = await runSplit('assign', chosen?.length ?? rows, k * columns, (from, to, i) => [
        atX,
        chosen === undefined ? 0 : atList,
        from,
        to,
        columns,
        k,
        atCentroids,
        atSquares,
        atNorms,
        atLabels,
        atUpper,
        atLower,
        atDrift,
        atWork[i]!,
        magic,
        error,
        largestCentroid,
      ])
      for (let i = 0; i < results.length; i++) kernel.merge(atTotal, atWork[i]!, sumBytes / 8 + k)
      return results.reduce((a, b) => a + b, 0)
    },
    async ownDistances() {
      await runSplit('ownDistances', rows, columns, (from, to) => [
        atX,
        from,
        to,
        columns,
        atCentroids,
        atLabels,
        atDistances,
      ])
      return doubles(atDistances, rows)
    },
    seedDistances(chosen, points) {
      list.set(chosen)
      arena.int32(atPoints, points.length).set(points)
      const found = new Float32Array(points.length * chosen.length)
      const atOnce = Math.floor((2 * rows) / chosen.length)
      for (let first = 0; first < points.length; first += atOnce) {
        const count = Math.min(atOnce, points.length - first)
        kernel.seedDistances(atX, atList, chosen.length, columns, atPoints + first * 4, count, atDistances)
        found.set(arena.float32(atDistances, count * chosen.length), first * chosen.length)
      }
      return found
    },
    close,
  }

  function close(): void {
    pool.close()
    arena.release(free)
    giveBack(arena)
  }

  function moveCentroids(values: Float32Array): void {
    const reach = Math.sqrt(largest) + Math.sqrt(largestCentroid)
    largestCentroid = 0
    for (let c = 0; c < k; c++) {
      let moved = 0
      let square = 0
      for (let j = 0; j < columns; j++) {
        const value = values[c * columns + j]!
        const shift = value - centroids[c * columns + j]!
        moved += shift * shift
        square += value * value
      }
      // Rounded up, with room for the rounding of the subtraction from each bound.
      drift[c] = moved === 0 ? 0 : Math.sqrt(moved) * (1 + 1e-6) + 3e-7 * reach
      squares[c] = square
      largestCentroid = Math.max(largestCentroid, square)
    }
    // Products of the padding are those of the last centroid.
    squares.fill(squares[k - 1]!, k)
    centroids.set(values)
    error = (columns / 4 + 8) * 2 ** -23 * Math.sqrt(largestCentroid)
  }
}
