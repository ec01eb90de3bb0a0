import type { Matrix } from '../../spec/matrix.ts'
import { channels } from './raster.ts'
import type { Mark, Scene } from './scene.ts'
import { fitText, sansWidth } from './text-metrics.ts'

export interface HeatMapOptions {
  readonly title: string
  /** What a number is, under the legend: "cosine". */
  readonly unit: string
  /** Values that get the palest and the darkest blue; values under `low` are brown, the darker the further under. */
  readonly low: number
  readonly high: number
  /** Decimals of the numbers in the cells. @default 2 */
  readonly digits?: number | undefined
}

const size = 13
const margin = 16
const widestLabel = 260
const ink = '#1f2430'
const paper = '#ffffff'
const darkest = '#08306b'
const warm = '#8c510a'
/** Up to so many rows the cells are wide enough for their numbers. */
const mostNumbered = 40

/**
 * A labelled matrix as a picture: a row for each label, its number as the head of its column, the value in each cell where
 * there are at most 40 rows, and a legend. What a colour means does not depend on the values shown.
 *
 * @param values - `labels.length × labels.length`, finite.
 */
export function heatMap(labels: readonly string[], values: Matrix, options: HeatMapOptions): Scene {
  const { title, unit, low, high, digits = 2 } = options
  const n = labels.length
  const isNumbered = n <= mostNumbered
  const numbers = Array.from(values.data, (value) => value.toFixed(digits))
  const widest = isNumbered ? Math.max(...numbers.map((text) => sansWidth(text, size))) : 0
  const cell = isNumbered ? Math.max(34, Math.ceil(widest) + 12) : Math.max(size + 3, 18)
  const rowHeight = isNumbered ? 34 : cell
  const fitted = labels.map((label, i) => fitText(`${i + 1}  ${label}`, size, widestLabel))
  const left = margin + Math.ceil(Math.max(...fitted.map((label) => sansWidth(label, size)))) + 10
  const top = margin + 34 + size + 8
  const marks: Mark[] = [text(title, margin, margin + 16, 16, ink, true)]
  const shade = (value: number) => colorOf(value, low, high)
  for (let i = 0; i < n; i++) {
    const middle = top + i * rowHeight + rowHeight / 2 + size * 0.36
    marks.push(text(fitted[i] as string, margin, middle, size, ink))
    const head = String(i + 1)
    if (isNumbered || (i + 1) % 5 === 0)
      marks.push(text(head, left + i * cell + (cell - sansWidth(head, size)) / 2, top - 8, size, ink))
    for (let j = 0; j < n; j++) {
      const color = shade(values.data[i * n + j] as number)
      const place = { x: left + j * cell, y: top + i * rowHeight }
      marks.push({ kind: 'rectangle', ...place, width: cell - 1, height: rowHeight - 1, color })
      const number = numbers[i * n + j] as string
      if (isNumbered)
        marks.push(
          text(number, place.x + (cell - sansWidth(number, size)) / 2, middle, size, isDark(color) ? paper : ink),
        )
    }
  }
  const legend = legendMarks({ x: left, y: top + n * rowHeight + 18, low, high, digits, unit }, shade)
  const width = Math.ceil(
    Math.max(left + n * cell, left + legendWidth + 90, margin + sansWidth(title, 16, true)) + margin,
  )
  return {
    width,
    height: top + n * rowHeight + 66,
    background: paper,
    title,
    description: `${title}: ${n} rows and columns, ${unit} from ${low.toFixed(digits)} (pale) to ${high.toFixed(digits)} (dark)`,
    marks: [...marks, ...legend],
  }
}

const legendWidth = 180

function legendMarks(
  { x, y, low, high, digits, unit }: { x: number; y: number; low: number; high: number; digits: number; unit: string },
  shade: (value: number) => string,
): Mark[] {
  const steps = 60
  const bars = Array.from({ length: steps }, (_, i): Mark => {
    const color = shade(low + ((high - low) * (i + 0.5)) / steps)
    return {
      kind: 'rectangle',
      x: x + (i * legendWidth) / steps,
      y,
      width: legendWidth / steps + 0.5,
      height: 10,
      color,
    }
  })
  const highest = high.toFixed(digits)
  return [
    ...bars,
    text(low.toFixed(digits), x, y + 26, size, ink),
    text(highest, x + legendWidth - sansWidth(highest, size), y + 26, size, ink),
    text(unit, x + legendWidth + 12, y + 10, size, ink),
  ]
}

function text(content: string, x: number, y: number, fontSize: number, color: string, bold = false): Mark {
  return { kind: 'text', text: content, x, y, size: fontSize, color, bold }
}

function colorOf(value: number, low: number, high: number): string {
  const share = (value - low) / (high - low)
  return share >= 0
    ? mix(paper, darkest, 0.04 + 0.96 * Math.min(1, share))
    : mix(paper, warm, Math.min(1, 0.06 - share))
}

function mix(from: string, to: string, share: number): string {
  const target = channels(to)
  const parts = channels(from).map((value, i) => Math.round(value + ((target[i] as number) - value) * share))
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

function isDark(color: string): boolean {
  const [red, green, blue] = channels(color)
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140
}
