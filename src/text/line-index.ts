/**
 * Line (1-based) on which each offset of a text stands; lines end at `\n`. The index is built at the first question.
 *
 * @param firstLine - Line of offset 0. @default 1
 *
 * Cost: O(length) once, then O(log lines).
 */
export function lineIndex(text: string, firstLine = 1): (offset: number) => number {
  let starts: number[] | undefined
  return (offset) => {
    if (starts === undefined) {
      starts = []
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    return firstLine + countAtMost(starts, offset)
  }
}

/** How many numbers of an ascending list are ≤ `limit`. */
export function countAtMost(ascending: readonly number[], limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Line breaks before `end`. */
export function countLineBreaks(text: string, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}
