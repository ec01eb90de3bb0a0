import { crc32 } from '../../kernels/crc32.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Items } from '../../spec/items.ts'
import type { SavedMap } from '../../spec/map.ts'
import { rowOf } from '../../spec/matrix.ts'
import { assertSamePassport } from '../../spec/passport.ts'

/** Checksum of row `i`, by which a changed vector is known. */
export function vectorMark({ vectors }: Items, i: number): string {
  const row = rowOf(vectors, i)
  return crc32(new Uint8Array(row.buffer, row.byteOffset, row.byteLength))
    .toString(16)
    .padStart(8, '0')
}

/** Read a map from JSON that may come from anywhere. @throws {InvalidArgumentError} naming the part that is not as it must be. */
export function parseSavedMap(value: unknown, what = 'map'): SavedMap {
  if (typeof value !== 'object' || value === null || (value as SavedMap).format !== 'vecino-map')
    throw new InvalidArgumentError(what, 'a map saved by `vecino map --out map.json`', value)
  const map = value as SavedMap
  if (map.version !== 1)
    throw new InvalidArgumentError(
      `${what}.version`,
      '1',
      map.version,
      'Install a newer release, or draw the map again.',
    )
  if (!['umap', 'tsne', 'pca'].includes(map.method))
    throw new InvalidArgumentError(`${what}.method`, 'umap, tsne or pca', map.method)
  if (!Number.isSafeInteger(map.seed)) throw new InvalidArgumentError(`${what}.seed`, 'an integer', map.seed)
  for (const name of ['nNeighbors', 'minDist'] as const)
    if (map[name] !== null && !Number.isFinite(map[name]))
      throw new InvalidArgumentError(`${what}.${name}`, 'a number or null', map[name])
  if (map.passport !== null && (typeof map.passport !== 'object' || Array.isArray(map.passport)))
    throw new InvalidArgumentError(`${what}.passport`, 'an object or null', map.passport)
  if (!Array.isArray(map.items)) throw new InvalidArgumentError(`${what}.items`, 'an array', map.items)
  const seen = new Set<string>()
  for (const [i, item] of map.items.entries()) {
    const place = `${what}.items[${i}]`
    if (typeof item !== 'object' || item === null || typeof item.id !== 'string' || typeof item.vector !== 'string')
      throw new InvalidArgumentError(place, 'an object with id, x, y and vector', item)
    if (!Number.isFinite(item.x) || !Number.isFinite(item.y))
      throw new InvalidArgumentError(place, 'finite x and y', `${item.x}, ${item.y}`)
    if (seen.has(item.id)) throw new InvalidArgumentError(`${place}.id`, 'each id once', item.id)
    seen.add(item.id)
  }
  return map
}

/** @throws {PassportMismatchError} when another model made the vectors of the map. */
export function assertSameMaker({ passport }: SavedMap, { vectors }: Items): void {
  if (passport !== null && vectors.passport !== undefined)
    assertSamePassport(passport, vectors.passport, 'the saved map and the items')
}
