/** A pair of tokens, whose ids are below 65,536, as one number. */
export function pairKey(first: number, second: number): number {
  return first * 65536 + second
}

/** The tokens of a key. */
export function pairOf(key: number): readonly [number, number] {
  return [Math.floor(key / 65536), key % 65536]
}

/**
 * Pairs of neighbouring tokens that have a row of their own, in place of their tokens' rows: `how many`, `new york`.
 * Read from the left, a token belongs to one pair at most.
 */
export class Phrases {
  /** Token ids of phrase i at 2 · i and 2 · i + 1. */
  readonly pairs: Uint16Array
  private numbers: Map<number, number> | undefined

  constructor(pairs: Uint16Array) {
    this.pairs = pairs
  }

  get count(): number {
    return this.pairs.length >> 1
  }

  /**
   * Put phrases in the place of their tokens, within `ids`.
   *
   * @param firstRow - Number of phrase 0; the others follow it.
   * @returns how many numbers are left, from the beginning of `ids` on.
   */
  join(ids: Int32Array, count: number, firstRow: number): number {
    // Built on the first text: a model whose kernel has its own table never needs it.
    this.numbers ??= this.numbered()
    let to = 0
    for (let i = 0; i < count; i++) {
      const number = i + 1 < count ? this.numbers.get(pairKey(ids[i] as number, ids[i + 1] as number)) : undefined
      ids[to++] = number === undefined ? (ids[i] as number) : firstRow + number
      if (number !== undefined) i++
    }
    return to
  }

  private numbered(): Map<number, number> {
    const numbers = new Map<number, number>()
    for (let i = 0; i < this.count; i++)
      numbers.set(pairKey(this.pairs[2 * i] as number, this.pairs[2 * i + 1] as number), i)
    return numbers
  }
}
