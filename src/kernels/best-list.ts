/** The k best of a stream of (score, id): larger score first, the smaller id first among equals. */
export class BestList {
  readonly scores: Float64Array
  readonly ids: Int32Array
  size = 0

  constructor(k: number) {
    this.scores = new Float64Array(k)
    this.ids = new Int32Array(k)
  }

  /** Score that a newcomer must reach; −∞ until k are there. */
  get threshold(): number {
    return this.size < this.ids.length ? -Infinity : this.ids.length === 0 ? Infinity : (this.scores[0] as number)
  }

  offer(score: number, id: number): void {
    const { scores, ids } = this
    if (this.size < ids.length) {
      let at = this.size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!this.worse(score, id, parent)) break
        scores[at] = scores[parent] as number
        ids[at] = ids[parent] as number
        at = parent
      }
      scores[at] = score
      ids[at] = id
    } else if (this.size > 0 && !this.worse(score, id, 0)) this.sink(score, id, this.size)
  }

  /** Best first; the list is empty afterwards. */
  drain(): { ids: Int32Array; scores: Float64Array } {
    const count = this.size
    const result = { ids: new Int32Array(count), scores: new Float64Array(count) }
    for (let end = count - 1; end >= 0; end--) {
      result.ids[end] = this.ids[0] as number
      result.scores[end] = this.scores[0] as number
      if (end > 0) this.sink(this.scores[end] as number, this.ids[end] as number, end)
    }
    this.size = 0
    return result
  }

  /** True when (score, id) ranks behind the entry at `at` of the heap, whose root is the worst. */
  private worse(score: number, id: number, at: number): boolean {
    const other = this.scores[at] as number
    return score < other || (score === other && id > (this.ids[at] as number))
  }

  private sink(score: number, id: number, size: number): void {
    const { scores, ids } = this
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.worse(scores[child + 1] as number, ids[child + 1] as number, child)) child++
      if (this.worse(score, id, child)) break
      scores[at] = scores[child] as number
      ids[at] = ids[child] as number
      at = child
    }
    scores[at] = score
    ids[at] = id
  }
}
