/** Printable ASCII only: the common case needs no segmentation. */
const plainAscii = /^[\x20-\x7e]*$/
const emoji = /\p{Emoji_Presentation}|\ufe0f/u
/** Anything but Latin letters, typographic marks, currency signs and arrows, whose units are graphemes of their own. */
const joined = /[\u0300-\u200f\u2028-\u202f\u205f-\u209f\u20c0-\u218f\u2200-\uffff]/
const invisible = /^[\p{Mark}\p{Cf}\p{Cc}]+$/u

/**
 * Columns a text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for marks alone.
 *
 * Source: Unicode UAX #11, the blocks whose width is W or F.
 */
export function displayWidth(text: string): number {
  if (plainAscii.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment)
  return width
}

/** Cut at a grapheme so that it fits, with an ellipsis in place of the rest. */
export function fitToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let width = 0
  let kept = ''
  for (const { segment } of graphemes(text)) {
    width += graphemeWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** Fill up with spaces on the right; a longer text stays as it is. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

let segmenter: Intl.Segmenter | undefined

/** What a reader takes for one character, with its offset. */
export function* graphemes(text: string): Generator<{ readonly segment: string; readonly index: number }> {
  if (!joined.test(text)) {
    for (let index = 0; index < text.length; index++) yield { segment: text[index] as string, index }
    return
  }
  // Made when first needed: it costs more than most commands take.
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  yield* segmenter.segment(text)
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0
  if (code < 0x300) return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : 1
  if (invisible.test(grapheme)) return 0
  return emoji.test(grapheme) || isWide(code) ? 2 : 1
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0x33ff) ||
    (code >= 0x3400 && code <= 0x4dbf) ||
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0xa000 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}
