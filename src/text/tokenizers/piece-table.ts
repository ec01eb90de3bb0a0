import { CorruptDataError } from '../../spec/errors.ts'

/** Multiplier of the polynomial hash; odd, so that it can be undone modulo 2³². */
const base = 0x01000193

/**
 * Strings to ids by open addressing over UTF-16 units, so that a slice of a buffer is looked up without making a string.
 *
 * The hash of `units[start, end)` is Σ unit · baseⁿ modulo 2³², which comes from two prefix hashes in constant time.
 */
export class PieceTable {
  readonly longest: number
  private readonly mask: number
  private readonly slots: Int32Array
  private readonly hashes: Int32Array
  private readonly starts: Int32Array
  private readonly ids: Int32Array
  private readonly units: Uint16Array

  constructor(pieces: readonly { readonly text: string; readonly id: number }[], place: string) {
    let size = 16
    while (size < pieces.length * 2.5) size *= 2
    this.mask = size - 1
    this.slots = new Int32Array(size).fill(-1)
    this.hashes = new Int32Array(pieces.length)
    this.ids = new Int32Array(pieces.length)
    this.starts = new Int32Array(pieces.length + 1)
    let total = 0
    let longest = 0
    for (const { text } of pieces) {
      total += text.length
      if (text.length > longest) longest = text.length
    }
    this.longest = longest
    this.units = new Uint16Array(total)
    let at = 0
    for (let i = 0; i < pieces.length; i++) {
      const { text, id } = pieces[i] as { text: string; id: number }
      let hash = 0
      this.starts[i] = at
      for (let j = 0; j < text.length; j++) {
        const unit = text.charCodeAt(j)
        this.units[at++] = unit
        hash = nextHash(hash, unit)
      }
      this.hashes[i] = hash
      this.ids[i] = id
      let slot = slotOf(hash) & this.mask
      while ((this.slots[slot] as number) >= 0) {
        if (
          this.hashes[this.slots[slot] as number] === hash &&
          sameText(this.units, this.starts, this.slots[slot] as number, i, at)
        )
          throw new CorruptDataError(place, 'every token once', `token ${id} twice`, {
            remedy: 'Take the file from its source again.',
          })
        slot = (slot + 1) & this.mask
      }
      this.slots[slot] = i
    }
    this.starts[pieces.length] = at
  }

  /** The id of `units[start, end)`, whose hash is `hash`; -1 when there is none. */
  find(units: Uint16Array, start: number, end: number, hash: number): number {
    const { slots, hashes, starts, mask } = this
    let slot = slotOf(hash) & mask
    for (;;) {
      const piece = slots[slot] as number
      if (piece < 0) return -1
      if (hashes[piece] === hash) {
        const from = starts[piece] as number
        const length = end - start
        if ((starts[piece + 1] as number) - from === length) {
          let i = 0
          while (i < length && this.units[from + i] === units[start + i]) i++
          if (i === length) return this.ids[piece] as number
        }
      }
      slot = (slot + 1) & mask
    }
  }
}

export function nextHash(hash: number, unit: number): number {
  return (Math.imul(hash, base) + unit + 1) | 0
}

/** Powers of the base, to take a prefix away: hash(s, e) = prefix[e] − prefix[s] · powers[e − s]. */
export const hashPowers = /* @__PURE__ */ powersUpTo(256)

function powersUpTo(count: number): Int32Array {
  const powers = new Int32Array(count)
  powers[0] = 1
  for (let i = 1; i < count; i++) powers[i] = Math.imul(powers[i - 1] as number, base)
  return powers
}

function slotOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 12
}

function sameText(units: Uint16Array, starts: Int32Array, a: number, b: number, end: number): boolean {
  const length = end - (starts[b] as number)
  const from = starts[a] as number
  if ((starts[a + 1] as number) - from !== length) return false
  for (let i = 0; i < length; i++) if (units[from + i] !== units[(starts[b] as number) + i]) return false
  return true
}
