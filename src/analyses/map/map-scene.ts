import type { Matrix } from '../../spec/matrix.ts'
import type { Mark, Scene } from '../picture/scene.ts'
import { fitText, sansWidth } from '../picture/text-metrics.ts'
import { itemColors, type MapColors } from './coloring.ts'
import { legendMarks } from './legend.ts'
import { type Box, type LabelWish, placeLabels } from './place-labels.ts'

export interface MapView {
  readonly places: Matrix
  /** What an item is called in the picture. */
  readonly names: readonly string[]
  readonly title: string | undefined
  /** Method, number of items, trustworthiness: the line below the picture. */
  readonly footnote: string
  readonly colors: MapColors | undefined
  /** Names of items in the picture, at most. */
  readonly labels: number
}

const margin = 24
const titleSize = 22
const noteSize = 12
const legendRoom = 210
const ink = '#1f2328'
const faint = '#57606a'
/** Up to so many items each wants its name, and none may hide a dot. */
const allNamedUpTo = 60
const itemLabelSize = 12
const itemLabelRoom = 190
const groupLabelSize = 15
const groupLabelRoom = 220

/** The map as a picture of fixed size: dots, names that do not collide, legend, title and footnote. */
export function mapScene(
  view: MapView,
  { width = 1200, height = 900 }: { width?: number; height?: number } = {},
): Scene {
  const { title, footnote, colors } = view
  const hasLegend = colors !== undefined
  const area: Box = {
    x0: margin,
    y0: title === undefined ? margin : margin + titleSize + 18,
    x1: width - margin - (hasLegend ? legendRoom : 0),
    y1: height - margin - noteSize - 10,
  }
  const marks: Mark[] = []
  if (title !== undefined)
    marks.push({
      kind: 'text',
      text: fitText(title, titleSize, width - 2 * margin, true),
      ...{ x: margin, y: margin + titleSize * 0.8, size: titleSize, color: ink, bold: true },
    })
  const dots = dotsIn(view.places, area)
  const radius = dotRadius(view.places.rows)
  const fills = itemColors(colors, view.places.rows)
  const opacity = view.places.rows > 1500 ? 0.65 : 0.85
  const hints = view.places.rows <= 5000
  for (const [i, color] of fills.entries())
    marks.push({
      kind: 'disc',
      x: dots[i * 2] as number,
      y: dots[i * 2 + 1] as number,
      ...{ radius, color, opacity, hint: hints ? view.names[i] : undefined },
    })
  marks.push(...labelMarks(view, dots, area, radius))
  if (hasLegend)
    marks.push(...legendMarks(colors, { x: area.x1 + 18, y: area.y0, width: legendRoom - 18, bottom: area.y1 }))
  const note = fitText(footnote, noteSize, width - 2 * margin)
  marks.push({ kind: 'text', text: note, x: margin, y: height - margin, size: noteSize, color: faint })
  return { width, height, background: '#ffffff', title, description: footnote, marks }
}

/** Both axes on one scale, the whole in the middle; x and y in turn. */
function dotsIn({ data, rows }: Matrix, area: Box): Float64Array {
  const [least, greatest] = [
    new Float64Array(2).fill(Number.POSITIVE_INFINITY),
    new Float64Array(2).fill(Number.NEGATIVE_INFINITY),
  ]
  for (let at = 0; at < data.length; at++) {
    least[at % 2] = Math.min(least[at % 2] as number, data[at] as number)
    greatest[at % 2] = Math.max(greatest[at % 2] as number, data[at] as number)
  }
  const extent = [0, 1].map((c) => (greatest[c] as number) - (least[c] as number)) as [number, number]
  const inset = 16
  const room = [area.x1 - area.x0 - 2 * inset, area.y1 - area.y0 - 2 * inset] as const
  const scale = Math.min(...extent.map((size, c) => (size > 0 ? (room[c] as number) / size : Number.POSITIVE_INFINITY)))
  const middle = [(area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2]
  const dots = new Float64Array(rows * 2)
  for (let at = 0; at < dots.length; at++) {
    const c = at % 2
    const centred = (data[at] as number) - ((least[c] as number) + (greatest[c] as number)) / 2
    // y grows downwards in pictures, upwards in plots.
    dots[at] = (middle[c] as number) + (Number.isFinite(scale) ? centred * scale * (c === 0 ? 1 : -1) : 0)
  }
  return dots
}

function dotRadius(items: number): number {
  return Math.min(6, Math.max(0.8, 20 / Math.sqrt(Math.sqrt(Math.max(1, items)))))
}

function labelMarks({ names, colors, labels }: MapView, dots: Float64Array, area: Box, radius: number): Mark[] {
  const few = names.length <= allNamedUpTo
  const texts: { text: string; size: number; bold: boolean; color: string }[] = []
  const wishes: LabelWish[] = []
  const wish = (at: number, text: string, size: number, bold: boolean, gap: number) => {
    texts.push({ text, size, bold, color: bold ? ink : '#32383f' })
    wishes.push({
      ...{ x: dots[at * 2] as number, y: dots[at * 2 + 1] as number, gap },
      width: sansWidth(text, size, bold) + 4,
      height: size * 1.25,
    })
  }
  if (!few && labels > 0 && colors?.kind === 'groups' && colors.groups.length > 1)
    for (const [group, { name, isRest }] of colors.groups.entries())
      if (!isRest)
        wish(
          midOf(dots, colors.of, group),
          fitText(name, groupLabelSize, groupLabelRoom, true),
          groupLabelSize,
          true,
          0,
        )
  const groupLabels = wishes.length
  for (const item of few ? names.keys() : spreadOver(dots, area))
    wish(item, fitText(names[item] as string, itemLabelSize, itemLabelRoom), itemLabelSize, false, radius + 3)
  const placed = placeLabels(wishes, dots, {
    bounds: area,
    radius: few ? radius : radius * 0.6,
    mostCovered: few ? 0 : 12,
  })
  const marks: Mark[] = []
  let named = 0
  for (const { wish, box } of placed) {
    if (wish >= groupLabels && named++ >= labels) break
    const { text, size, bold, color } = texts[wish] as (typeof texts)[number]
    marks.push({ kind: 'text', text, x: box.x0 + 2, y: box.y0 + size * 0.95, size, color, bold, rim: true })
  }
  return marks
}

/** The item of a group that stands nearest to the group's median place. */
function midOf(dots: Float64Array, of: Uint8Array, group: number): number {
  const members = [...of.keys()].filter((i) => of[i] === group)
  const [x, y] = [0, 1].map((c) => {
    const sorted = Float64Array.from(members, (i) => dots[i * 2 + c] as number).sort()
    return sorted[sorted.length >> 1] as number
  }) as [number, number]
  let [best, nearest] = [members[0] as number, Number.POSITIVE_INFINITY]
  for (const i of members) {
    const distance = ((dots[i * 2] as number) - x) ** 2 + ((dots[i * 2 + 1] as number) - y) ** 2
    if (distance < nearest) [best, nearest] = [i, distance]
  }
  return best
}

const columns = 10
const rows = 8

/** From each part of the picture that holds items, the one nearest to their middle; fullest parts first. */
function spreadOver(dots: Float64Array, area: Box): number[] {
  const parts = new Map<number, number[]>()
  for (let i = 0; i * 2 < dots.length; i++) {
    const column = Math.floor((((dots[i * 2] as number) - area.x0) / (area.x1 - area.x0)) * columns)
    const row = Math.floor((((dots[i * 2 + 1] as number) - area.y0) / (area.y1 - area.y0)) * rows)
    const part = parts.get(row * columns + column)
    if (part === undefined) parts.set(row * columns + column, [i])
    else part.push(i)
  }
  const fullest = [...parts.values()].sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
  return fullest.map((members) => {
    const of = new Uint8Array(members.length)
    const places = Float64Array.from(members.flatMap((i) => [dots[i * 2] as number, dots[i * 2 + 1] as number]))
    return members[midOf(places, of, 0)] as number
  })
}
