/** Sets of numbers that joining makes one: union-find with path halving. The root of a set is its least number. */
export class UnionFind {
  private readonly parents: Int32Array

  constructor(size: number) {
    this.parents = Int32Array.from({ length: size }, (_, i) => i)
  }

  join(a: number, b: number): void {
    const [first, second] = [this.root(a), this.root(b)]
    this.parents[Math.max(first, second)] = Math.min(first, second)
  }

  root(i: number): number {
    const { parents } = this
    let at = i
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number
      at = parents[at] as number
    }
    return at
  }

  /** The sets of two numbers and more, each ascending. */
  groups(): number[][] {
    const groups = new Map<number, number[]>()
    for (let i = 0; i < this.parents.length; i++) {
      const root = this.root(i)
      const group = groups.get(root)
      if (group === undefined) groups.set(root, [i])
      else group.push(i)
    }
    return [...groups.values()].filter((group) => group.length > 1)
  }
}
