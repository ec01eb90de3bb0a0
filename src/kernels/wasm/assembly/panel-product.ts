// c[i, j] += Σ_k a[k, i] · b[k, j] in float64, k ascending, product and sum rounded separately:
// the same bits as the TypeScript specification. No fused multiply-add, which would round once.


/**
 * Panels lie in strips of four columns: value [k, i] of a panel is at ((i >> 2) · capacity + k) · 4 + (i & 3).
 * c is row-major, `stripsA · 4` rows by `stripsB · 4` columns. With `upper`, tiles left of the diagonal are skipped.
 */
export function accumulate(
  a: usize, b: usize, c: usize, depth: i32, capacity: i32, stripsA: i32, stripsB: i32, upper: i32,
): void {
  const strip = <usize>capacity * 32
  const line = <usize>stripsB * 32
  for (let i = 0; i < stripsA; i++) {
    const left = a + <usize>i * strip
    for (let j = upper != 0 ? i : 0; j < stripsB; j++) {
      let pa = left
      let pb = b + <usize>j * strip
      const end = pa + <usize>depth * 32
      const out = c + <usize>i * 4 * line + <usize>j * 32
      let c00 = v128.load(out)
      let c01 = v128.load(out, 16)
      let c10 = v128.load(out + line)
      let c11 = v128.load(out + line, 16)
      let c20 = v128.load(out + 2 * line)
      let c21 = v128.load(out + 2 * line, 16)
      let c30 = v128.load(out + 3 * line)
      let c31 = v128.load(out + 3 * line, 16)
      while (pa < end) {
        const b0 = v128.load(pb)
        const b1 = v128.load(pb, 16)
        let x = v128.load_splat<f64>(pa)
        c00 = f64x2.add(c00, f64x2.mul(x, b0))
        c01 = f64x2.add(c01, f64x2.mul(x, b1))
        x = v128.load_splat<f64>(pa, 8)
        c10 = f64x2.add(c10, f64x2.mul(x, b0))
        c11 = f64x2.add(c11, f64x2.mul(x, b1))
        x = v128.load_splat<f64>(pa, 16)
        c20 = f64x2.add(c20, f64x2.mul(x, b0))
        c21 = f64x2.add(c21, f64x2.mul(x, b1))
        x = v128.load_splat<f64>(pa, 24)
        c30 = f64x2.add(c30, f64x2.mul(x, b0))
        c31 = f64x2.add(c31, f64x2.mul(x, b1))
        pa += 32
        pb += 32
      }
      v128.store(out, c00)
      v128.store(out + 16, c01)
      v128.store(out + line, c10)
      v128.store(out + line + 16, c11)
      v128.store(out + 2 * line, c20)
      v128.store(out + 2 * line + 16, c21)
      v128.store(out + 3 * line, c30)
      v128.store(out + 3 * line + 16, c31)
    }
  }
}
