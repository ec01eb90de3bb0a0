import { strokeGlyphs } from './stroke-glyphs.ts'

/** Connected points, x and y in turn, in font units with the baseline at 0 and y growing downwards. */
export type Stroke = readonly number[]

interface Glyph {
  readonly advance: number
  readonly strokes: readonly Stroke[]
}

/** Height of a line of the font in its units: a size of 14 pixels draws 32 units 14 pixels high. */
const unitsALine = 28
const origin = 'R'.charCodeAt(0)
const baseline = 9
const box: Glyph = {
  advance: 18,
  strokes: [[2, -21, 16, -21, 16, 0, 2, 0, 2, -21]],
}

/** Marks above or below a letter, around x = 0, for letters of small height; capitals' marks stand 7 units higher. */
const marks: Readonly<Record<string, readonly Stroke[]>> = {
  '\u0300': [[-3, -21, 2, -17]],
  '\u0301': [[3, -21, -2, -17]],
  '\u0302': [[-4, -17, 0, -21, 4, -17]],
  '\u0303': [[-5, -17, -2, -20, 2, -18, 5, -21]],
  '\u0304': [[-4, -19, 4, -19]],
  '\u0306': [[-4, -21, -2, -18, 2, -18, 4, -21]],
  '\u0307': [[0, -20, 0, -19]],
  '\u0308': [
    [-4, -20, -4, -19],
    [4, -20, 4, -19],
  ],
  '\u030a': [[0, -23, -3, -20, 0, -17, 3, -20, 0, -23]],
  '\u030b': [
    [0, -21, -3, -17],
    [6, -21, 3, -17],
  ],
  '\u030c': [[-4, -21, 0, -17, 4, -21]],
  '\u0327': [[0, 1, 1, 3, 0, 5, -3, 5]],
  '\u0328': [[3, 0, 1, 3, 3, 5, 5, 5]],
}

/** How letters and signs beyond ASCII are spelt where the font has no strokes of their own. */
const spellings: Readonly<Record<string, string>> = Object.fromEntries(
  'ß=ss æ=ae Æ=AE œ=oe Œ=OE ø=o Ø=O đ=d Đ=D ł=l Ł=L ı=i –=- —=- −=- ‐=- ‑=- ‘=\' ’=\' ‚=, “=" ”=" „=" …=... •=* ·=. ×=x «=<< »=>> ‹=< ›=> →=-> ←=<- €=EUR £=GBP ©=(c) ®=(R) ™=TM °=o'
    .split(' ')
    .map((pair) => [pair[0] as string, pair.slice(2)]),
)

/** Spaces of every kind and invisible joiners. */
const blank = /\s|\u200b|\u200c|\u200d|\ufe0f/u

/** Whether each character of the text has strokes, or a spelling that has. */
export function canStroke(text: string): boolean {
  return glyphsOf(text).every((glyph) => glyph !== box)
}

/** Width in pixels of a line set at `size` pixels. */
export function strokeWidth(text: string, size: number): number {
  let units = 0
  for (const { advance } of glyphsOf(text)) units += advance
  return (units * size) / unitsALine
}

/** The strokes of a line of text in pixels, from x = 0 on the baseline; a character without a glyph is an empty box. */
export function strokesOf(text: string, size: number): Stroke[] {
  const scale = size / unitsALine
  const strokes: Stroke[] = []
  let pen = 0
  for (const glyph of glyphsOf(text)) {
    for (const stroke of glyph.strokes)
      strokes.push(stroke.map((value, at) => (at % 2 === 0 ? value + pen : value) * scale))
    pen += glyph.advance
  }
  return strokes
}

function glyphsOf(text: string): Glyph[] {
  const glyphs: Glyph[] = []
  for (const character of text.normalize('NFC')) {
    for (const spelt of spellings[character] ?? character) glyphs.push(glyphOf(spelt))
  }
  return glyphs
}

function glyphOf(character: string): Glyph {
  const plain = plainGlyph(character)
  if (plain !== undefined) return plain
  if (blank.test(character)) return plainGlyph(' ') as Glyph
  const [letter = '', ...accents] = character.normalize('NFD')
  const base = plainGlyph(letter)
  if (base === undefined || accents.length === 0 || accents.some((accent) => !(accent in marks))) return box
  const raise = letter === letter.toUpperCase() ? -6 : 0
  const centre = base.advance / 2
  const drawn = accents.flatMap((accent) =>
    (marks[accent] as readonly Stroke[]).map((stroke) =>
      stroke.map((value, at) => (at % 2 === 0 ? value + centre : value < 0 ? value + raise : value)),
    ),
  )
  return { advance: base.advance, strokes: [...base.strokes, ...drawn] }
}

function plainGlyph(character: string): Glyph | undefined {
  const code = strokeGlyphs[character.charCodeAt(0) - 32]
  if (code === undefined || character.length !== 1) return undefined
  const value = (at: number) => code.charCodeAt(at) - origin
  const left = value(0)
  const strokes: number[][] = [[]]
  for (let at = 2; at < code.length; at += 2) {
    if (code.startsWith(' R', at)) strokes.push([])
    else (strokes.at(-1) as number[]).push(value(at) - left, value(at + 1) - baseline)
  }
  return { advance: value(1) - left, strokes: strokes.filter((stroke) => stroke.length > 0) }
}
