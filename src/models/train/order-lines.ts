import type { TokenLists } from './token-lists.ts'

/**
 * Texts in the order in which a teacher should read them, so that it meets every row early: first those, in their own order,
 * that hold a row met fewer than `meetings` times in the texts before, then the others.
 *
 * @param before - What is read in any case.
 */
export function orderForRows(lists: TokenLists, before: TokenLists, rows: number, meetings: number): Int32Array {
  const met = new Int32Array(rows)
  for (const id of before.ids) met[id]!++
  const [first, later]: [number[], number[]] = [[], []]
  for (let i = 0; i < lists.count; i++) {
    const ids = lists.ids.subarray(lists.starts[i], lists.starts[i + 1])
    const isWanted = ids.some((id) => met[id]! < meetings)
    ;(isWanted ? first : later).push(i)
    if (isWanted) for (const id of ids) met[id]!++
  }
  return Int32Array.from([...first, ...later])
}
