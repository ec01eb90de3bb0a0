import type { Mark } from '../picture/scene.ts'
import { fitLines, fitText, sansWidth } from '../picture/text-metrics.ts'
import { type MapColors, neutralColor, rampColors } from './coloring.ts'

const ink = '#1f2328'
const faint = '#57606a'
const size = 13
const line = 22
/** A further line of a name. */
const further = 16
/** Lines a name may have where the legend has room for it. */
const mostLines = 3

/** The legend in a column: heading, then a swatch, a name and a count for each group, or a scale from least to greatest. */
export function legendMarks(
  colors: MapColors,
  { x, y, width, bottom }: { readonly x: number; readonly y: number; readonly width: number; readonly bottom: number },
): Mark[] {
  const text = (content: string, tx: number, ty: number, color: string, bold = false): Mark => ({
    kind: 'text',
    text: content,
    ...{ x: tx, y: ty, size, color, bold },
  })
  const marks: Mark[] = [text(fitText(colors.name, size, width, true), x, y + size, ink, true)]
  let top = y + line
  if (colors.kind === 'groups') {
    const roomOf = (count: number) => width - 30 - sansWidth(count.toLocaleString('en'), size)
    const namesIn = (most: number) => colors.groups.map(({ name, count }) => fitLines(name, size, roomOf(count), most))
    const heightOf = (names: readonly string[][]) =>
      names.reduce((sum, { length }) => sum + line + further * Math.max(0, length - 1), 0)
    const whole = namesIn(mostLines)
    const names = top + heightOf(whole) <= bottom ? whole : namesIn(1)
    for (const [i, { color, count }] of colors.groups.entries()) {
      if (top + line > bottom) break
      const shown = count.toLocaleString('en')
      marks.push(
        { kind: 'disc', x: x + 6, y: top + line / 2, radius: 5.5, color, opacity: 1 },
        ...(names[i] as string[]).map((part, k) => text(part, x + 20, top + line / 2 + 4.5 + k * further, ink)),
        text(shown, x + width - sansWidth(shown, size), top + line / 2 + 4.5, faint),
      )
      top += heightOf([names[i] as string[]])
    }
    return marks
  }
  const ramp = rampColors()
  const [steps, barHeight] = [64, 160]
  for (let step = 0; step < steps; step++)
    marks.push({
      kind: 'rectangle',
      ...{ x, y: top + 6 + (step * barHeight) / steps, width: 16, height: barHeight / steps },
      color: ramp[Math.round(255 * (1 - step / (steps - 1)))] as string,
    })
  marks.push(
    text(fitText(colors.greatest, size, width - 26), x + 26, top + 6 + size, ink),
    text(fitText(colors.least, size, width - 26), x + 26, top + 6 + barHeight, ink),
  )
  if (colors.missing.includes(1)) {
    const below = top + barHeight + line
    marks.push(
      { kind: 'disc', x: x + 8, y: below, radius: 5.5, color: neutralColor, opacity: 1 },
      text('none', x + 26, below + 4.5, faint),
    )
  }
  return marks
}
