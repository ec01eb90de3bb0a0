const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Below this no character joins with its neighbour, except a line break's two halves. */
const firstJoiner = 0x300
/** A longer cluster is no character that anybody reads (Unicode's stream-safe limit is 30 marks). */
const maxClusterPoints = 32

/** Tells whether a text may be cut at an offset without cutting what is read as one character (UAX 29). */
export function graphemeBoundaries(text: string): (offset: number) => boolean {
  let segments: Intl.Segments | undefined
  return (offset) => {
    if (offset <= 0 || offset >= text.length) return true
    const before = text.charCodeAt(offset - 1)
    const after = text.charCodeAt(offset)
    if (before < firstJoiner && after < firstJoiner) return before !== 0x0d || after !== 0x0a
    segments ??= segmenter.segment(text)
    return segments.containing(offset)?.index === offset
  }
}

/**
 * Offsets that cut [start, end) into pieces of about `size` UTF-16 units (at least one character each), the start not
 * among them. Clusters of more than 32 code points are cut between code points.
 *
 * Cost: O(end − start).
 */
export function pieceStarts(text: string, start: number, end: number, size: number): number[] {
  const stretch = text.slice(start, end)
  const starts: number[] = []
  if (/^[\x21-\x7e]*$/.test(stretch)) {
    for (let at = start + size; at < end; at += size) starts.push(at)
    return starts
  }
  let last = start
  const reach = (at: number, next: number) => {
    if (next - last > size && at > last) {
      starts.push(at)
      last = at
    }
  }
  for (const { segment, index } of segmenter.segment(stretch)) {
    const at = start + index
    if (segment.length <= maxClusterPoints || [...segment].length <= maxClusterPoints) reach(at, at + segment.length)
    else {
      let point = at
      for (const character of segment) {
        reach(point, point + character.length)
        point += character.length
      }
    }
  }
  return starts
}
