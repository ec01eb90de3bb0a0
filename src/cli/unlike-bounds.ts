import type { Collection } from '../spec/collection.ts'
import type { Filter } from '../spec/filter.ts'
import { safeLine } from './sanitize.ts'

/**
 * Why a range found nothing, where its bound is a text and its field holds numbers only, or the other way round; undefined
 * where no range is to blame.
 */
export async function unlikeBounds(collection: Collection, filter: Filter | undefined): Promise<string | undefined> {
  for (const { field, bound } of filter === undefined ? [] : boundsOf(filter)) {
    const holds = async (least: string | number) =>
      (await collection.list({ limit: 1, filter: { field, gte: least } })).length > 0
    const [numbers, texts] = [await holds(-Number.MAX_VALUE), await holds('')]
    if (typeof bound === 'string' ? texts || !numbers : numbers || !texts) continue
    const [kept, given] = numbers ? ['numbers', 'a text'] : ['texts', 'a number']
    const remedy = numbers
      ? ''
      : ` To compare texts, quote it within the condition, as in '${safeLine(field)}>="${bound}"'.`
    return `The field ${safeLine(field)} holds ${kept}, and ${safeLine(JSON.stringify(bound))} is ${given}: neither is above or below the other.${remedy}`
  }
  return undefined
}

function boundsOf(filter: Filter): { field: string; bound: string | number }[] {
  if ('and' in filter) return filter.and.flatMap(boundsOf)
  if ('or' in filter) return filter.or.flatMap(boundsOf)
  if ('not' in filter) return boundsOf(filter.not)
  if (!('gt' in filter || 'gte' in filter || 'lt' in filter || 'lte' in filter)) return []
  const { field, gt, gte, lt, lte } = filter
  return [gt, gte, lt, lte].flatMap((bound) => (bound === undefined ? [] : [{ field, bound }]))
}
