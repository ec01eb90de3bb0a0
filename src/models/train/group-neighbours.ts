import type { Random } from '../../kernels/random.ts'

/**
 * Reorder texts so that each run of `size` is of like meaning, the runs in an order of chance.
 *
 * @param order - Text numbers in an order of chance; changed in place.
 * @param vectors - `texts × columns`, unit rows.
 * @param size - Texts of a run, integer ≥ 1; 1 changes nothing.
 * @param random - Decides the planes: another one, other runs.
 *
 * Cost: O(texts · columns · log₂(texts / size)).
 * Source: a random projection tree (Dasgupta & Freund 2008): every plane goes through the median of the texts it divides.
 */
export function groupNeighbours(
  order: Int32Array,
  vectors: Float32Array,
  columns: number,
  size: number,
  random: Random,
): void {
  if (size <= 1) return
  const whole = order.slice()
  const runs: Int32Array[] = []
  const divide = (texts: Int32Array): void => {
    if (texts.length <= size) {
      runs.push(texts)
      return
    }
    const plane = Float64Array.from({ length: columns }, () => random.normal())
    const along = new Float64Array(texts.length)
    for (let i = 0; i < texts.length; i++) {
      const from = (texts[i] as number) * columns
      let sum = 0
      for (let k = 0; k < columns; k++) sum += (plane[k] as number) * (vectors[from + k] as number)
      along[i] = sum
    }
    // Halves in whole runs, so that all runs but the last are full.
    const middle = Math.ceil(texts.length / size / 2) * size
    const bound = along.slice().sort()[middle] as number
    const left = new Int32Array(middle)
    const right = new Int32Array(texts.length - middle)
    let [lefts, rights] = [0, 0]
    for (let i = 0; i < texts.length; i++) if (along[i]! < bound) left[lefts++] = texts[i]!
    for (let i = 0; i < texts.length; i++)
      if (along[i]! >= bound) {
        if (along[i] === bound && lefts < middle) left[lefts++] = texts[i]!
        else right[rights++] = texts[i]!
      }
    divide(left)
    divide(right)
  }
  divide(whole)
  random.shuffle(runs)
  let at = 0
  for (const run of runs) {
    order.set(run, at)
    at += run.length
  }
}
