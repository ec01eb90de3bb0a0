import { multiplyAdd } from './_simd'

/** Bytes of a panel's line: 8 columns. */
const PANEL: usize = 32

/**
 * Rows times an orthonormal basis: `out[i, j] = Σ_k rows[i, k] · basis[k, j]`; width a multiple of 16.
 * The basis lies in panels of 8 columns, each line by line (`basisPanels`), so that one stays in the first-level cache
 * while all rows pass.
 */
export function rotate(rows: usize, basis: usize, out: usize, count: i32, width: i32): void {
  const whole = count & ~3
  rotateFours(rows, basis, out, whole, width)
  const line = <usize>width * 4
  for (let i = whole; i < count; i++) rotateOne(rows + <usize>i * line, basis, out + <usize>i * line, line)
}

function rotateOne(row: usize, basis: usize, out: usize, line: usize): void {
  const panelBytes = (line >> 2) * PANEL
  for (let j: usize = 0; j < line; j += 2 * PANEL) {
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    let p = basis
    let q = basis + panelBytes
    for (let k: usize = 0; k < line; k += 4) {
      const x = v128.load32_splat(row + k)
      a = multiplyAdd(x, v128.load(p), a)
      b = multiplyAdd(x, v128.load(p, 16), b)
      c = multiplyAdd(x, v128.load(q), c)
      d = multiplyAdd(x, v128.load(q, 16), d)
      p += PANEL
      q += PANEL
    }
    v128.store(out + j, a)
    v128.store(out + j, b, 16)
    v128.store(out + j, c, 32)
    v128.store(out + j, d, 48)
    basis = q
  }
}

function rotateFours(rows: usize, basis: usize, out: usize, count: i32, width: i32): void {
  const line = <usize>width * 4
  const panelBytes = <usize>width * PANEL
  for (let j: usize = 0; j < line; j += PANEL) {
    for (let i = 0; i < count; i += 4) {
      const r = rows + <usize>i * line
      let a0 = f32x4.splat(0)
      let a1 = a0
      let b0 = a0
      let b1 = a0
      let c0 = a0
      let c1 = a0
      let d0 = a0
      let d1 = a0
      let p = basis
      for (let k: usize = 0; k < line; k += 4) {
        const v0 = v128.load(p)
        const v1 = v128.load(p, 16)
        p += PANEL
        let x = v128.load32_splat(r + k)
        a0 = multiplyAdd(x, v0, a0)
        a1 = multiplyAdd(x, v1, a1)
        x = v128.load32_splat(r + k + line)
        b0 = multiplyAdd(x, v0, b0)
        b1 = multiplyAdd(x, v1, b1)
        x = v128.load32_splat(r + k + 2 * line)
        c0 = multiplyAdd(x, v0, c0)
        c1 = multiplyAdd(x, v1, c1)
        x = v128.load32_splat(r + k + 3 * line)
        d0 = multiplyAdd(x, v0, d0)
        d1 = multiplyAdd(x, v1, d1)
      }
      const o = out + <usize>i * line + j
      v128.store(o, a0)
      v128.store(o, a1, 16)
      v128.store(o + line, b0)
      v128.store(o + line, b1, 16)
      v128.store(o + 2 * line, c0)
      v128.store(o + 2 * line, c1, 16)
      v128.store(o + 3 * line, d0)
      v128.store(o + 3 * line, d1, 16)
    }
    basis += panelBytes
  }
}
