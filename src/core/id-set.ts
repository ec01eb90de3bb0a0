/**
 * A set of strings by 64 bits of their hash: 16 bytes an id at most, whatever its length, so that two million rows of a
 * file are remembered in 32 MB. Two strings are taken for one with probability 2^-64 a pair; callers to whom that
 * matters look closer when `has` says yes.
 */
export class IdSet {
  private slots = new Uint32Array(2 * 1024)
  private used = 0

  has(id: string): boolean {
    const [high, low] = hash(id)
    return this.slots[this.placeOf(high, low)] !== 0
  }

  /** @returns false when it was there already. */
  add(id: string): boolean {
    const [high, low] = hash(id)
    const place = this.placeOf(high, low)
    if (this.slots[place] !== 0) return false
    this.slots[place] = high
    this.slots[place + 1] = low
    this.used++
    if (this.used * 4 > this.slots.length) this.grow()
    return true
  }

  private placeOf(high: number, low: number): number {
    const mask = this.slots.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const place = 2 * slot
      if (this.slots[place] === 0 || (this.slots[place] === high && this.slots[place + 1] === low)) return place
    }
  }

  private grow(): void {
    const old = this.slots
    this.slots = new Uint32Array(old.length * 2)
    for (let i = 0; i < old.length; i += 2) {
      const high = old[i] as number
      if (high === 0) continue
      const place = this.placeOf(high, old[i + 1] as number)
      this.slots[place] = high
      this.slots[place + 1] = old[i + 1] as number
    }
  }
}

/** Two 32-bit halves; the first is never 0, which marks an empty slot. Source: cyrb53 by bryc, public domain, with all 64 bits kept. */
function hash(text: string): [number, number] {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return [a >>> 0 || 1, b >>> 0]
}
