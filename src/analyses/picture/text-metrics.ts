/** Widths of ASCII 32 to 126 in Helvetica and its metric twins, in thousandths of the size. */
const widths = [
  ...[278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278],
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556],
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556],
  ...[333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556],
  ...[556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584],
]
/** Scripts whose letters fill a square. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Width in pixels of a line set in a sans serif of `size` pixels, about; pictures then give it exactly this room. */
export function sansWidth(text: string, size: number, bold = false): number {
  let thousandths = 0
  for (const character of text.normalize('NFC')) {
    const base = character.normalize('NFD')
    thousandths += widths[base.charCodeAt(0) - 32] ?? (wide.test(character) ? 1000 : 600)
  }
  return (thousandths / 1000) * size * (bold ? 1.07 : 1)
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The text on one line, cut behind a whole grapheme with an ellipsis where it is wider than `room` pixels. */
export function fitText(text: string, size: number, room: number, bold = false): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  if (sansWidth(line, size, bold) <= room) return line
  let kept = ''
  for (const { segment } of graphemes.segment(line)) {
    if (sansWidth(`${kept}${segment}…`, size, bold) > room) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** The text in at most `most` lines, broken between words; what finds no room in the last is cut as by `fitText`. */
export function fitLines(text: string, size: number, room: number, most: number): string[] {
  const words = text.split(/[\s\p{Cc}]+/u).filter((word) => word !== '')
  const lines: string[] = []
  while (lines.length < most - 1 && words.length > 0) {
    let line = words.shift() as string
    while (words.length > 0 && sansWidth(`${line} ${words[0]}`, size) <= room) line += ` ${words.shift()}`
    lines.push(fitText(line, size, room))
  }
  if (words.length > 0) lines.push(fitText(words.join(' '), size, room))
  return lines
}
