export interface Box {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

export interface LabelWish {
  /** Point the label belongs to. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Pixels between the point and the label; 0 puts the label over the point. */
  readonly gap: number
}

export interface PlacedLabel {
  /** Number of the wish. */
  readonly wish: number
  readonly box: Box
}

/**
 * Give labels places beside their points such that no two overlap and none leaves `bounds`; the first wishes choose first,
 * and a label without a free place is left out. Among free places one that covers few of the dots is taken, and none that
 * covers more than `mostCovered`.
 *
 * @param dots - x and y in turn; their own label is beside, not over them.
 *
 * Cost: O(wishes · (placed labels + dots nearby)).
 */
export function placeLabels(
  wishes: readonly LabelWish[],
  dots: Float64Array,
  { bounds, radius, mostCovered }: { readonly bounds: Box; readonly radius: number; readonly mostCovered: number },
): PlacedLabel[] {
  const placed: PlacedLabel[] = []
  const grid = gridOf(dots)
  for (const [wish, label] of wishes.entries()) {
    let best: { box: Box; covered: number } | undefined
    for (const box of candidates(label)) {
      if (box.x0 < bounds.x0 || box.y0 < bounds.y0 || box.x1 > bounds.x1 || box.y1 > bounds.y1) continue
      if (placed.some((other) => overlap(box, other.box))) continue
      const covered = countWithin(grid, dots, box, radius)
      if (best === undefined || covered < best.covered) best = { box, covered }
      if (covered === 0) break
    }
    if (best !== undefined && (label.gap === 0 || best.covered <= mostCovered)) placed.push({ wish, box: best.box })
  }
  return placed
}

export function overlap(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1
}

/** Right, left, above, below, then the corners, near and a little further off; over the point first where that is allowed. */
function* candidates({ x, y, width, height, gap }: LabelWish): Generator<Box> {
  if (gap === 0) yield boxAt(x - width / 2, y - height / 2, width, height)
  for (const distance of gap === 0 ? [height * 0.6, height * 1.2] : [gap, gap * 2]) {
    const [right, left] = [x + distance, x - distance - width]
    const [above, below, middle] = [y - distance - height, y + distance, y - height / 2]
    if (gap > 0) {
      yield boxAt(right, middle, width, height)
      yield boxAt(left, middle, width, height)
    }
    yield boxAt(x - width / 2, above, width, height)
    yield boxAt(x - width / 2, below, width, height)
    if (gap > 0) {
      const slant = distance * 0.7
      yield boxAt(x + slant, y - slant - height, width, height)
      yield boxAt(x - slant - width, y - slant - height, width, height)
      yield boxAt(x + slant, y + slant, width, height)
      yield boxAt(x - slant - width, y + slant, width, height)
    }
  }
}

function boxAt(x: number, y: number, width: number, height: number): Box {
  return { x0: x, y0: y, x1: x + width, y1: y + height }
}

const cell = 32
type Grid = ReadonlyMap<string, readonly number[]>

function gridOf(dots: Float64Array): Grid {
  const grid = new Map<string, number[]>()
  for (let at = 0; at < dots.length; at += 2) {
    const key = `${Math.floor((dots[at] as number) / cell)},${Math.floor((dots[at + 1] as number) / cell)}`
    const bucket = grid.get(key)
    if (bucket === undefined) grid.set(key, [at])
    else bucket.push(at)
  }
  return grid
}

/** Dots whose discs reach into the box. */
function countWithin(grid: Grid, dots: Float64Array, box: Box, radius: number): number {
  const [x0, y0, x1, y1] = [box.x0 - radius, box.y0 - radius, box.x1 + radius, box.y1 + radius]
  let count = 0
  for (let column = Math.floor(x0 / cell); column <= Math.floor(x1 / cell); column++)
    for (let row = Math.floor(y0 / cell); row <= Math.floor(y1 / cell); row++)
      for (const at of grid.get(`${column},${row}`) ?? []) {
        const [x, y] = [dots[at] as number, dots[at + 1] as number]
        if (x > x0 && x < x1 && y > y0 && y < y1) count++
      }
  return count
}
