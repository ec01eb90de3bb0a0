/**
 * Offsets at which the elements of an array begin, in the text of valid JSON.
 *
 * @param key - Key of the array in the outermost object; `undefined` where the array is outermost. The last of two equal
 *   keys counts, as in `JSON.parse`.
 *
 * Cost: one pass.
 */
export function arrayElementOffsets(text: string, key: string | undefined): number[] {
  let offsets: number[] = []
  const arrayDepth = key === undefined ? 1 : 2
  let depth = 0
  let isInside = key === undefined
  let expects = false
  let lastKey = ''
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) continue
    if (expects && isInside && depth === arrayDepth && c !== 0x5d) {
      offsets.push(i)
      expects = false
    }
    if (c === 0x22) {
      const end = stringEnd(text, i)
      if (depth === 1 && key !== undefined) lastKey = text.slice(i, end)
      i = end - 1
    } else if (c === 0x5b || c === 0x7b) {
      depth++
      if (c === 0x5b && depth === arrayDepth) {
        isInside = key === undefined || JSON.parse(lastKey) === key
        if (isInside) offsets = []
        expects = isInside
      }
    } else if (c === 0x5d || c === 0x7d) {
      if (depth === arrayDepth) isInside = expects = false
      depth--
    } else if (c === 0x2c && depth === arrayDepth) expects = isInside
  }
  return offsets
}

function stringEnd(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x5c) i++
    else if (c === 0x22 || Number.isNaN(c)) return i + 1
  }
}
