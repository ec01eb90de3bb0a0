import { UnsupportedError } from '../spec/errors.ts'
import type { Matrix } from '../spec/matrix.ts'
import { squaredNorms } from './metric.ts'
import { Arena } from './wasm/arena.ts'
import type { Engine } from './wasm/features.ts'
import { Pool } from './wasm/pool.ts'

interface Pair {
  readonly weight: number
  readonly low: number
  readonly high: number
}

const cellBytes = 16
/** Cells (groups²) that fit the kernel's memory beside the rows. */
const maxCellBytes = 2 ** 31

/**
 * The first pair of rows, by mutual reachability and then by their numbers, between each two groups of rows.
 *
 * @param members - All rows, group by group; group g holds members[starts[g]] … members[starts[g + 1] − 1].
 * @returns the pair between groups a < b.
 * @throws {UnsupportedError} when there are more than 11,585 groups: the rows then have hardly any neighbours.
 *
 * Cost: O(rows² · columns / 2), on threads; 16 · groups² bytes.
 */
export async function nearestGroupPairs(
  matrix: Matrix,
  members: Int32Array,
  starts: Int32Array,
  cores: Float64Array,
  options: { readonly engine: Engine; readonly threads?: number | undefined },
): Promise<(a: number, b: number) => Pair> {
  const { data, rows, columns } = matrix
  const groups = starts.length - 1
  if (groups * groups * cellBytes > maxCellBytes)
    throw new UnsupportedError(
      'hdbscan',
      'rows that neighbour lists join into at most 11,585 groups',
      `${groups}`,
      'Raise `minSamples`, or cluster in parts.',
    )
  const arena = new Arena({ shared: true })
  const atX = arena.alloc(rows * columns * 4)
  const atStarts = arena.alloc(starts.length * 4)
  const atGroups = arena.alloc(rows * 4)
  const atIds = arena.alloc(rows * 4)
  const atNorms = arena.alloc(rows * 8)
  const atCores = arena.alloc(rows * 8)
  const atCells = arena.alloc(groups * groups * cellBytes)
  const doubles = (at: number, length: number) => new Float64Array(arena.memory.buffer, at, length)
  const x = arena.float32(atX, rows * columns)
  const norms = squaredNorms(matrix)
  const groupOf = arena.int32(atGroups, rows)
  const sortedNorms = doubles(atNorms, rows)
  const sortedCores = doubles(atCores, rows)
  members.forEach((row, place) => {
    x.set(data.subarray(row * columns, (row + 1) * columns), place * columns)
    sortedNorms[place] = norms[row]!
    sortedCores[place] = cores[row]!
  })
  arena.int32(atIds, rows).set(members)
  arena.int32(atStarts, starts.length).set(starts)
  for (let g = 0; g < groups; g++) groupOf.fill(g, starts[g], starts[g + 1])
  const weights = doubles(atCells, groups * groups * 2)
  for (let cell = 0; cell < groups * groups; cell++) weights[cell * 2] = Number.POSITIVE_INFINITY

  const error = (columns / 4 + 8) * 2 ** -23
  const calls = spans(starts, rows).map(([from, to]) => [
    atX,
    columns,
    rows,
    groups,
    from,
    to,
    atStarts,
    atGroups,
    atIds,
    atNorms,
    atCores,
    atCells + from * groups * cellBytes,
    error,
  ])
  const pool = new Pool(arena, options.threads)
  try {
    await pool.run(options.engine === 'relaxed' ? 'reachability.relaxed' : 'reachability', 'nearestPairs', calls)
  } finally {
    pool.close()
  }
  const ids = arena.int32(atCells, groups * groups * 4)
  return (a, b) => {
    const cell = a * groups + b
    return { weight: weights[cell * 2]!, low: ids[cell * 4 + 2]!, high: ids[cell * 4 + 3]! }
  }
}

/** Spans of groups with about equal numbers of pairs: a group's rows meet only the rows that follow. */
function spans(starts: Int32Array, rows: number): [number, number][] {
  const groups = starts.length - 1
  const parts = 64
  const found: [number, number][] = []
  let from = 0
  let work = 0
  for (let g = 0; g < groups; g++) {
    work += (starts[g + 1]! - starts[g]!) * (rows - starts[g + 1]!)
    if (work < (rows * rows) / 2 / parts && g + 1 < groups) continue
    found.push([from, g + 1])
    from = g + 1
    work = 0
  }
  return found
}
