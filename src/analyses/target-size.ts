import type { Items } from '../spec/items.ts'
import {
  type DuplicateGroup,
  type DuplicateLinks,
  type DuplicateOptions,
  duplicateLinks,
  groupsOf,
  type RemovedItem,
} from './duplicates.ts'

/** Thresholds tried until enough items are duplicates. */
const steps = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]

export interface Reduced {
  readonly groups: DuplicateGroup[]
  readonly threshold: number
}

/**
 * Duplicates at the highest threshold that leaves at most `targetSize` items, of which as many of the least alike stay
 * after all as are missing: exactly `targetSize` items stay.
 *
 * @returns undefined where even a cosine of 0.1 leaves more: what is left then has nothing in common.
 */
export async function reduceTo(
  items: Items,
  targetSize: number,
  options: Omit<DuplicateOptions, 'threshold'>,
): Promise<Reduced | undefined> {
  for (const threshold of steps) {
    const links = await duplicateLinks(items, { ...options, threshold })
    if (sizeAt(links, items, { ...options, threshold }) <= targetSize) {
      const best = highestThreshold(links, items, targetSize, options)
      const groups = groupsOf(links, items, { ...options, threshold: best })
      return { groups: giveBack(groups, targetSize - (items.ids.length - removedOf(groups).length)), threshold: best }
    }
  }
  return undefined
}

function sizeAt(links: DuplicateLinks, items: Items, options: DuplicateOptions): number {
  return items.ids.length - removedOf(groupsOf(links, items, options)).length
}

/** By bisection over the cosines there are; 1 where equal texts alone suffice. */
function highestThreshold(
  links: DuplicateLinks,
  items: Items,
  targetSize: number,
  options: Omit<DuplicateOptions, 'threshold'>,
): number {
  const cosines = [...new Set(links.cosines), 1].sort((a, b) => a - b)
  let [low, high] = [0, cosines.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (sizeAt(links, items, { ...options, threshold: cosines[middle] as number }) <= targetSize) low = middle
    else high = middle - 1
  }
  return cosines[low] as number
}

function giveBack(groups: readonly DuplicateGroup[], count: number): DuplicateGroup[] {
  const leastAlike = removedOf(groups).sort((a, b) => a.cosine - b.cosine)
  const back = new Set(leastAlike.slice(0, count).map(({ row }) => row))
  return groups
    .map(({ kept, removed }) => ({
      kept: [...kept, ...removed.flatMap(({ row }) => (back.has(row) ? [row] : []))],
      removed: removed.filter(({ row }) => !back.has(row)),
    }))
    .filter(({ removed }) => removed.length > 0)
}

function removedOf(groups: readonly DuplicateGroup[]): RemovedItem[] {
  return groups.flatMap(({ removed }) => removed)
}
