import type { WordVectors } from '../kernels/word-vectors.ts'
import { word2vec } from '../kernels/word2vec.ts'
import { InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'

export interface ItemVectorsOptions {
  /** Numbers an item, integer ≥ 1. @default 64 */
  readonly dimensions?: number | undefined
  /** Rarer items are left out, integer ≥ 1. @default 2 */
  readonly minCount?: number | undefined
  /** Passes over the baskets, integer ≥ 1. @default 30 */
  readonly epochs?: number | undefined
  /** Same seed, same bytes. @default 0 */
  readonly seed?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** All items of a basket belong together, whatever their order: a window of the whole basket, up to so many. */
const widestWindow = 100

/**
 * Baskets from text: one a line, ids with commas or tabs between; an id named twice in a basket counts once.
 *
 * @param options.known - Ids there are; any other is refused. @default any id
 * @throws {UnreadableInputError} naming the line with an unknown or empty id.
 */
export function parseBaskets(
  text: string,
  { known, path = 'baskets' }: { readonly known?: ReadonlySet<string> | undefined; readonly path?: string } = {},
): string[][] {
  const baskets: string[][] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const ids = [...new Set(line.split(/[,\t]/).map((id) => id.trim()))]
    for (const id of ids) {
      if (id === '')
        throw new UnreadableInputError(path, 'ids with commas or tabs between them', 'an empty one', { line: i + 1 })
      if (known !== undefined && !known.has(id))
        throw new UnreadableInputError(path, 'ids of known items', JSON.stringify(id.slice(0, 60)), {
          line: i + 1,
          remedy: 'Add it to the items, or take it out of the basket.',
        })
    }
    baskets.push(ids)
  }
  return baskets
}

/**
 * Vectors of items from what was bought (or read, or played) together: item2vec.
 *
 * @param baskets - Ids of each basket; order does not matter. Baskets of one item say nothing and are passed over.
 * @returns the items as words: `mostSimilar({ positive: [id] })` is "customers who bought this".
 * @throws {InvalidArgumentError} when fewer than two items are in `minCount` baskets of two or more.
 *
 * Source: Barkan & Koenigstein 2016, on `word2vec` (skip-gram, a window over the whole basket).
 */
export async function itemVectors(
  baskets: readonly (readonly string[])[],
  options: ItemVectorsOptions = {},
): Promise<WordVectors> {
  const { dimensions = 64, minCount = 2, epochs = 30, seed = 0, signal } = options
  const useful = baskets.map((basket) => [...new Set(basket)]).filter((basket) => basket.length > 1)
  if (useful.length === 0) throw new InvalidArgumentError('baskets', 'at least one with two items', baskets.length)
  const longest = useful.reduce((most, basket) => Math.max(most, basket.length), 0)
  return word2vec(useful, {
    ...{ dimensions, minCount, epochs, seed, algorithm: 'skip-gram', subsample: 0 },
    // The window shrinks at random; twice the longest basket still spans most of it.
    window: Math.min(widestWindow, 2 * longest),
    ...(signal === undefined ? {} : { signal }),
  })
}
