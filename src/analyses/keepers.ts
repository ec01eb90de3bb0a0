import type { Keep } from '../spec/duplicates.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Items } from '../spec/items.ts'

export const keepRules: readonly Keep[] = ['first', 'longest', 'richest', 'newest']

/** Metadata fields that hold the date of a thing, the one that says most first. */
const dateFields = ['updated', 'modified', 'lastmod', 'date', 'published', 'created']

/**
 * An order of rows, the one that stays first. Ties go to the earlier place under `first`, else to the smaller id, so that
 * the order of the input decides nothing.
 *
 * @param mustStay - Rows that come before all others.
 * @throws {InvalidArgumentError} under `newest` when no item has a date.
 */
export function compareKeepers(
  items: Items,
  keep: Keep,
  mustStay: (row: number) => boolean = () => false,
): (a: number, b: number) => number {
  const score = scoreOf(items, keep)
  const { ids } = items
  return (a, b) => {
    const [stays, otherStays] = [mustStay(a), mustStay(b)]
    if (stays !== otherStays) return stays ? -1 : 1
    const [higher, other] = [score(a), score(b)]
    if (higher !== other) return other - higher
    return (ids[a] as string) < (ids[b] as string) ? -1 : 1
  }
}

/** Larger stays. */
function scoreOf({ ids, texts, metadata }: Items, keep: Keep): (row: number) => number {
  const length = (row: number) => (texts[row] as string).length
  switch (keep) {
    case 'first':
      return (row) => -row
    case 'longest':
      return length
    case 'richest': {
      const longest = texts.reduce((most, text) => Math.max(most, text.length), 0)
      return (row) => Object.keys(metadata[row] ?? {}).length + length(row) / (longest + 1)
    }
    case 'newest': {
      const dates = ids.map((_, row) => dateOf(metadata[row] ?? {}))
      if (ids.length > 0 && dates.every((date) => date === undefined))
        throw new InvalidArgumentError(
          'options.keep',
          `'newest' where an item has a date in ${dateFields.join(', ')}`,
          'no such field',
          "Keep 'first', 'longest' or 'richest' instead.",
        )
      return (row) => dates[row] ?? Number.NEGATIVE_INFINITY
    }
    default:
      throw new InvalidArgumentError('options.keep', keepRules.join(', '), keep)
  }
}

function dateOf(metadata: Items['metadata'][number]): number | undefined {
  for (const field of dateFields) {
    const value = metadata[field]
    const time = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
    if (Number.isFinite(time)) return time
  }
  return undefined
}
