/** Pearson's product-moment correlation of as many values on both sides; NaN where one side is constant. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length
  let meanA = 0
  let meanB = 0
  for (let i = 0; i < n; i++) {
    meanA += a[i] as number
    meanB += b[i] as number
  }
  // Divided once: ranks sum exactly, so equal ranks have a spread of exactly 0.
  meanA /= n
  meanB /= n
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < n; i++) {
    const da = (a[i] as number) - meanA
    const db = (b[i] as number) - meanB
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return aa === 0 || bb === 0 ? Number.NaN : ab / Math.sqrt(aa * bb)
}
