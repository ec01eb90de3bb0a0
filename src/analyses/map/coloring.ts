import { InvalidArgumentError } from '../../spec/errors.ts'
import type { MetadataValue } from '../../spec/filter.ts'

/** One way to colour the items of a map: a value for each, in their order; undefined or null for none. */
export interface MapColoring {
  /** Heading of the legend. */
  readonly name: string
  readonly values: readonly (MetadataValue | undefined)[]
}

/** Groups by falling size, ties by name; beyond the twelve largest, the rest shares the last colour. */
export interface GroupColors {
  readonly kind: 'groups'
  readonly name: string
  /** `isRest`: several groups, or none, behind one colour: nothing to name in the picture. */
  readonly groups: readonly {
    readonly name: string
    readonly color: string
    readonly count: number
    readonly isRest: boolean
  }[]
  /** Group of each item. */
  readonly of: Uint8Array
}

/** Numbers (or days) on a scale from the least to the greatest. */
export interface ScaleColors {
  readonly kind: 'scale'
  readonly name: string
  readonly least: string
  readonly greatest: string
  /** Place of each item on the scale, 0 to 255; 255 items without a value are `missing`. */
  readonly of: Uint8Array
  readonly missing: Uint8Array
}

export type MapColors = GroupColors | ScaleColors

/** Twelve hues that stay apart on white and for most colour-blind eyes when the dots lie in groups. */
export const palette = [
  ...['#4e79a7', '#f28e2b', '#59a14f', '#e15759', '#b07aa1', '#76b7b2'],
  ...['#9c755f', '#edc948', '#ff9da7', '#2f4b7c', '#86bc56', '#a05195'],
] as const
export const neutralColor = '#b4b9c0'
export const onlyColor = '#4e79a7'
/** From low to high, light enough to tell from black text and dark enough to see on white. */
const ramp = ['#f0c05a', '#e58a4e', '#c4566a', '#863d80', '#3f2a73'] as const
const restName = 'other'
const absentName = 'none'
/** So many different numbers are a scale and no longer groups. */
const numbersForScale = 9
const day = /^\d{4}-\d{2}-\d{2}/

/**
 * Colours for the values: a scale for numbers and for dates (ISO), groups for anything else. Several values of one item
 * count as its first.
 */
export function colorsOf({ name, values }: MapColoring, items: number): MapColors {
  if (values.length !== items)
    throw new InvalidArgumentError(
      `options.colorings ${JSON.stringify(name)}`,
      `${items} values, one an item`,
      values.length,
    )
  const single = values.map((value) => (Array.isArray(value) ? (value[0] ?? null) : (value ?? null)))
  const given = single.filter((value) => value !== null)
  if (new Set(given).size >= numbersForScale) {
    if (given.every((value) => typeof value === 'number')) return scaleOf(name, single, Number, String)
    if (given.every((value) => typeof value === 'string' && day.test(value) && !Number.isNaN(Date.parse(value))))
      return scaleOf(
        name,
        single,
        (value) => Date.parse(String(value)),
        (value) => new Date(value).toISOString().slice(0, 10),
      )
  }
  return groupsOf(
    name,
    single.map((value) => (value === null ? undefined : String(value))),
  )
}

function groupsOf(name: string, values: readonly (string | undefined)[]): GroupColors {
  const counts = new Map<string, number>()
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const shown = sorted.slice(0, palette.length)
  const groups = shown.map(([value, count], i) => ({ name: value, color: palette[i] as string, count, isRest: false }))
  const place = new Map(shown.map(([value], i) => [value, i]))
  const rest = sorted.slice(palette.length)
  const restPlace = groups.length
  if (rest.length > 0)
    groups.push({
      name: `${restName} (${rest.length} more)`,
      color: neutralColor,
      count: rest.reduce((sum, [, count]) => sum + count, 0),
      isRest: true,
    })
  const absent = values.filter((value) => value === undefined).length
  const absentPlace = groups.length
  if (absent > 0) groups.push({ name: absentName, color: '#d9dce1', count: absent, isRest: true })
  const of = Uint8Array.from(values, (value) => (value === undefined ? absentPlace : (place.get(value) ?? restPlace)))
  return { kind: 'groups', name, groups, of }
}

function scaleOf(
  name: string,
  values: readonly unknown[],
  measure: (value: unknown) => number,
  label: (value: number) => string,
): ScaleColors {
  const numbers = values.map((value) => (value === null ? Number.NaN : measure(value)))
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const number of numbers) {
    if (number < least) least = number
    if (number > greatest) greatest = number
  }
  const of = Uint8Array.from(numbers, (number) =>
    Number.isNaN(number) ? 0 : Math.round((255 * (number - least)) / (greatest - least)),
  )
  const missing = Uint8Array.from(numbers, (number) => (Number.isNaN(number) ? 1 : 0))
  return { kind: 'scale', name, least: label(least), greatest: label(greatest), of, missing }
}

/** Colour of each item. */
export function itemColors(colors: MapColors | undefined, items: number): string[] {
  if (colors === undefined) return new Array<string>(items).fill(onlyColor)
  if (colors.kind === 'groups') return Array.from(colors.of, (group) => colors.groups[group]?.color ?? neutralColor)
  const steps = rampColors()
  return Array.from(colors.of, (step, i) => (colors.missing[i] === 1 ? neutralColor : (steps[step] as string)))
}

/** The scale in 256 steps. */
export function rampColors(): string[] {
  const parts = ramp.length - 1
  return Array.from({ length: 256 }, (_, i) => {
    const at = Math.min(parts - 1, Math.floor((i / 255) * parts))
    const share = (i / 255) * parts - at
    const [from, to] = [ramp[at] as string, ramp[at + 1] as string].map((color) =>
      Number.parseInt(color.slice(1), 16),
    ) as [number, number]
    const mixed = [16, 8, 0].map((shift) => {
      const [a, b] = [(from >> shift) & 255, (to >> shift) & 255]
      return Math.round(a + (b - a) * share)
        .toString(16)
        .padStart(2, '0')
    })
    return `#${mixed.join('')}`
  })
}
