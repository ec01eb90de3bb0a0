import { UnsupportedError } from '../spec/errors.ts'
import type { Matrix } from '../spec/matrix.ts'
import { squaredNorms } from './metric.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { Pool } from './wasm/pool.ts'

/** Two rows, the smaller number first. */
export interface Pair {
  readonly weight: number
  readonly low: number
  readonly high: number
}

/** A total order, so that every algorithm finds the same spanning tree. */
export function isBefore(a: Pair, b: Pair): boolean {
  return a.weight < b.weight || (a.weight === b.weight && (a.low < b.low || (a.low === b.low && a.high < b.high)))
}

const cellBytes = 16
/** Rows of a group that one thread takes at a time: groups may be few and of very unlike sizes. */
const rowsPerPart = 128
/** Cells (groups²) that fit the kernel's memory beside the rows. */
const maxCellBytes = 2 ** 31

/**
 * The first pair of rows, by mutual reachability and then by their numbers, between each two groups of rows.
 *
 * @param members - All rows, group by group and by ascending core distance; group g holds
 *   members[starts[g]] … members[starts[g + 1] − 1].
 * @param known - Pairs known already: the nearer they are, the less is left to measure.
 * @returns the pair between groups a < b.
 * @throws {UnsupportedError} when there are more than 11,585 groups: the rows then have hardly any neighbours.
 *
 * Cost: O(rows² · columns / 2) at most, on threads; only rows whose core distance is below the pair so far are measured.
 *   16 · groups² bytes.
 */
export async function nearestGroupPairs(
  matrix: Matrix,
  members: Int32Array,
  starts: Int32Array,
  cores: Float64Array,
  known: Iterable<Pair>,
  options: { readonly engine: Engine; readonly threads?: number | undefined },
): Promise<(a: number, b: number) => Pair> {
  const { data, rows, columns } = matrix
  const groups = starts.length - 1
  const parts = partsOf(starts)
  const cells = (parts.length / 3) * groups
  if (cells * cellBytes > maxCellBytes)
    throw new UnsupportedError(
      'hdbscan',
      'rows that neighbour lists join into some 11,000 groups at most',
      `${groups}`,
      'Raise `minSamples`, or cluster in parts.',
    )
  const arena = new Arena({ shared: true })
  const atX = arena.alloc(rows * columns * 4)
  const atParts = arena.alloc(parts.length * 4)
  const atStarts = arena.alloc(starts.length * 4)
  const atIds = arena.alloc(rows * 4)
  const atNorms = arena.alloc(rows * 8)
  const atCores = arena.alloc(rows * 8)
  const atCells = arena.alloc(cells * cellBytes)
  const doubles = (at: number, length: number) => new Float64Array(arena.memory.buffer, at, length)
  const x = arena.float32(atX, rows * columns)
  const norms = squaredNorms(matrix)
  const sortedNorms = doubles(atNorms, rows)
  const sortedCores = doubles(atCores, rows)
  members.forEach((row, place) => {
    x.set(data.subarray(row * columns, (row + 1) * columns), place * columns)
    sortedNorms[place] = norms[row]!
    sortedCores[place] = cores[row]!
  })
  arena.int32(atIds, rows).set(members)
  arena.int32(atParts, parts.length).set(parts)
  arena.int32(atStarts, starts.length).set(starts)
  const weights = doubles(atCells, cells * 2)
  for (let cell = 0; cell < cells; cell++) weights[cell * 2] = Number.POSITIVE_INFINITY

  const ids = arena.int32(atCells, cells * 4)
  const groupOf = new Int32Array(rows)
  for (let g = 0; g < groups; g++) for (let i = starts[g]!; i < starts[g + 1]!; i++) groupOf[members[i]!] = g
  const firstPart = new Int32Array(groups + 1).fill(parts.length / 3)
  for (let part = parts.length / 3 - 1; part >= 0; part--) firstPart[parts[part * 3 + 2]!] = part
  const pairIn = (cell: number): Pair => ({
    weight: weights[cell * 2]!,
    low: ids[cell * 4 + 2]!,
    high: ids[cell * 4 + 3]!,
  })
  for (const pair of known) {
    const [a, b] = [groupOf[pair.low]!, groupOf[pair.high]!]
    for (let part = firstPart[Math.min(a, b)]!; a !== b && part < firstPart[Math.min(a, b) + 1]!; part++) {
      const cell = part * groups + Math.max(a, b)
      if (!isBefore(pair, pairIn(cell))) break
      weights[cell * 2] = pair.weight
      ids[cell * 4 + 2] = pair.low
      ids[cell * 4 + 3] = pair.high
    }
  }

  const error = (columns / 4 + 8) * 2 ** -23
  const calls = spans(parts, starts).map(([from, to]) => [
    atX,
    columns,
    groups,
    from,
    to,
    atParts,
    atStarts,
    atIds,
    atNorms,
    atCores,
    atCells,
    error,
  ])
  const pool = new Pool(arena, options.threads)
  try {
    await pool.run(options.engine === 'relaxed' ? 'reachability.relaxed' : 'reachability', 'nearestPairs', calls)
  } finally {
    pool.close()
  }
  return (a, b) => {
    let best: Pair = { weight: Number.POSITIVE_INFINITY, low: rows, high: rows }
    for (let part = firstPart[a]!; part < firstPart[a + 1]!; part++) {
      const pair = pairIn(part * groups + b)
      if (isBefore(pair, best)) best = pair
    }
    return best
  }
}

/** Each part's first row, the row after its last, its group. */
function partsOf(starts: Int32Array): Int32Array {
  const parts: number[] = []
  for (let g = 0; g + 1 < starts.length; g++)
    for (let first = starts[g]!; first < starts[g + 1]!; first += rowsPerPart)
      parts.push(first, Math.min(first + rowsPerPart, starts[g + 1]!), g)
  return Int32Array.from(parts)
}

/** Spans of parts with about equal numbers of pairs: a part's rows meet only the rows of groups that follow. */
function spans(parts: Int32Array, starts: Int32Array): [number, number][] {
  const count = parts.length / 3
  const pairsOf = (part: number) =>
    (parts[part * 3 + 1]! - parts[part * 3]!) * (starts.at(-1)! - starts[parts[part * 3 + 2]! + 1]!)
  let total = 0
  for (let part = 0; part < count; part++) total += pairsOf(part)
  const found: [number, number][] = []
  let from = 0
  let work = 0
  for (let part = 0; part < count; part++) {
    work += pairsOf(part)
    if (work < total / 64 && part + 1 < count) continue
    found.push([from, part + 1])
    from = part + 1
    work = 0
  }
  return found
}
