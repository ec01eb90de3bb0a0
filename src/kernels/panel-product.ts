import { Arena } from './wasm/arena.ts'
import { bestEngine, type Engine } from './wasm/features.ts'
import { loadKernel } from './wasm/load.ts'

/**
 * The matrix product all dense algebra here is made of: C += Aᵀ B, over panels of A and B that the caller writes.
 * Every entry of C is one float64 sum in ascending order of the panel's rows, so all engines give the same bits.
 */
export interface PanelProduct {
  /** Rows a panel holds at most. */
  readonly capacity: number
  /** `C` row-major; row i starts at i × `stride`. */
  readonly c: Float64Array
  readonly stride: number
  /** Write row k of the panel A or B: `values[offset … offset + width)`, less `mean` where given. */
  setA(k: number, values: ArrayLike<number>, offset: number, mean?: Float64Array): void
  setB(k: number, values: ArrayLike<number>, offset: number, mean?: Float64Array): void
  /** Write column i of the panel A or B from a row of a matrix: k runs over `depth` of its values. */
  setAColumn(i: number, values: ArrayLike<number>, offset: number, depth: number, mean?: Float64Array): void
  setBColumn(i: number, values: ArrayLike<number>, offset: number, depth: number, mean?: Float64Array): void
  /** C += Aᵀ B over the first `depth` rows of both panels. */
  accumulate(depth: number): void
  /** C += Aᵀ A, upper triangle only (whole 4 × 4 tiles on the diagonal). */
  accumulateSquare(depth: number): void
}

/** Layout of panels: strips of four columns, so that a tile reads contiguous memory. */
const tile = 4

export async function createPanelProduct(options: {
  readonly widthA: number
  readonly widthB: number
  readonly capacity: number
  readonly engine?: Engine
}): Promise<PanelProduct> {
  const { widthA, widthB, capacity } = options
  const stripsA = Math.ceil(widthA / tile)
  const stripsB = Math.ceil(widthB / tile)
  const sizeA = stripsA * tile * capacity
  const sizeB = stripsB * tile * capacity
  const sizeC = stripsA * tile * stripsB * tile
  const stride = stripsB * tile

  if ((options.engine ?? bestEngine()) === 'typescript') {
    const a = new Float64Array(sizeA)
    const b = new Float64Array(sizeB)
    const c = new Float64Array(sizeC)
    return assemble(a, b, c, (depth, upper) =>
      accumulateTiles(a, upper ? a : b, c, depth, capacity, stripsA, upper ? stripsA : stripsB, stride, upper),
    )
  }

  const arena = new Arena()
  const atA = arena.alloc(sizeA * 8)
  const atB = arena.alloc(sizeB * 8)
  const atC = arena.alloc(sizeC * 8)
  const kernel = await loadKernel<{
    accumulate(
      a: number,
      b: number,
      c: number,
      depth: number,
      capacity: number,
      stripsA: number,
      stripsB: number,
      upper: number,
    ): void
  }>('panel-product', arena.memory)
  const view = (at: number, length: number) => new Float64Array(arena.memory.buffer, at, length)
  return assemble(view(atA, sizeA), view(atB, sizeB), view(atC, sizeC), (depth, upper) =>
    kernel.accumulate(atA, upper ? atA : atB, atC, depth, capacity, stripsA, stripsB, upper ? 1 : 0),
  )

  function assemble(
    a: Float64Array,
    b: Float64Array,
    c: Float64Array,
    run: (depth: number, upper: boolean) => void,
  ): PanelProduct {
    const setRow = (panel: Float64Array, width: number) => {
      return (k: number, values: ArrayLike<number>, offset: number, mean?: Float64Array) => {
        for (let i = 0; i < width; i++) {
          const value = values[offset + i]!
          panel[((i >> 2) * capacity + k) * tile + (i & 3)] = mean === undefined ? value : value - mean[i]!
        }
      }
    }
    const setColumn = (panel: Float64Array) => {
      return (i: number, values: ArrayLike<number>, offset: number, depth: number, mean?: Float64Array) => {
        const base = (i >> 2) * capacity * tile + (i & 3)
        for (let k = 0; k < depth; k++) {
          const value = values[offset + k]!
          panel[base + k * tile] = mean === undefined ? value : value - mean[k]!
        }
      }
    }
    return {
      capacity,
      c,
      stride,
      setA: setRow(a, widthA),
      setB: setRow(b, widthB),
      setAColumn: setColumn(a),
      setBColumn: setColumn(b),
      accumulate: (depth) => run(depth, false),
      accumulateSquare: (depth) => run(depth, true),
    }
  }
}

/** The specification: the arithmetic and its order. */
function accumulateTiles(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  depth: number,
  capacity: number,
  stripsA: number,
  stripsB: number,
  stride: number,
  upper: boolean,
): void {
  for (let i = 0; i < stripsA * tile; i++)
    for (let j = upper ? i - (i % tile) : 0; j < stripsB * tile; j++) {
      let sum = c[i * stride + j]!
      const left = (i >> 2) * capacity * tile + (i & 3)
      const right = (j >> 2) * capacity * tile + (j & 3)
      for (let k = 0; k < depth; k++) sum += a[left + k * tile]! * b[right + k * tile]!
      c[i * stride + j] = sum
    }
}
