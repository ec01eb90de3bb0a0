import { multiplyAdd } from './_simd'

/** Bytes of a panel's line: 8 columns. */
const PANEL: usize = 32

/**
 * Rows times an orthonormal basis: `out[i, j] = Σ_k rows[i, k] · basis[k, j]`; width a multiple of 16.
 * The basis lies in panels of 8 columns, each line by line, so that one stays in the first-level cache while all rows pass.
 */
export function rotate(rows: usize, basis: usize, out: usize, count: i32, width: i32): void {
  const line = <usize>width * 4
  multiply(rows, line, line, basis, 0, out, line, line, count)
}

/**
 * Rows along the leading `head` axes, and after these what is left of each row: `out` is `head + width` floats a row,
 * both multiples of 16. `axes` as the basis of `rotate`; `back`: the same transposed and negated, likewise in panels.
 */
export function turnLeading(rows: usize, axes: usize, back: usize, out: usize, count: i32, width: i32, head: i32): void {
  const line = <usize>width * 4
  const headLine = <usize>head * 4
  const outLine = headLine + line
  multiply(rows, line, line, axes, 0, out, outLine, headLine, count)
  multiply(out, outLine, headLine, back, rows, out + headLine, outLine, line, count)
}

/**
 * `out[i, j] = first[i, j] + Σ_k rows[i, k] · panels[k, j]`, `first` as wide as the result or 0 for none. In bytes: what
 * lies between two rows (`rowLine`, `outLine`), what of a row is read (`depth`) and written (`width`).
 */
function multiply(
  rows: usize, rowLine: usize, depth: usize, panels: usize, first: usize, out: usize, outLine: usize, width: usize, count: i32,
): void {
  const whole = count & ~3
  const panelBytes = (depth >> 2) * PANEL
  for (let j: usize = 0; j < width; j += PANEL) {
    for (let i = 0; i < whole; i += 4) {
      const r = rows + <usize>i * rowLine
      let a0 = f32x4.splat(0)
      let a1 = a0
      let b0 = a0
      let b1 = a0
      let c0 = a0
      let c1 = a0
      let d0 = a0
      let d1 = a0
      if (first != 0) {
        const f = first + <usize>i * width + j
        a0 = v128.load(f)
        a1 = v128.load(f, 16)
        b0 = v128.load(f + width)
        b1 = v128.load(f + width, 16)
        c0 = v128.load(f + 2 * width)
        c1 = v128.load(f + 2 * width, 16)
        d0 = v128.load(f + 3 * width)
        d1 = v128.load(f + 3 * width, 16)
      }
      let p = panels
      for (let k: usize = 0; k < depth; k += 4) {
        const v0 = v128.load(p)
        const v1 = v128.load(p, 16)
        p += PANEL
        let x = v128.load32_splat(r + k)
        a0 = multiplyAdd(x, v0, a0)
        a1 = multiplyAdd(x, v1, a1)
        x = v128.load32_splat(r + k + rowLine)
        b0 = multiplyAdd(x, v0, b0)
        b1 = multiplyAdd(x, v1, b1)
        x = v128.load32_splat(r + k + 2 * rowLine)
        c0 = multiplyAdd(x, v0, c0)
        c1 = multiplyAdd(x, v1, c1)
        x = v128.load32_splat(r + k + 3 * rowLine)
        d0 = multiplyAdd(x, v0, d0)
        d1 = multiplyAdd(x, v1, d1)
      }
      const o = out + <usize>i * outLine + j
      v128.store(o, a0)
      v128.store(o, a1, 16)
      v128.store(o + outLine, b0)
      v128.store(o + outLine, b1, 16)
      v128.store(o + 2 * outLine, c0)
      v128.store(o + 2 * outLine, c1, 16)
      v128.store(o + 3 * outLine, d0)
      v128.store(o + 3 * outLine, d1, 16)
    }
    panels += panelBytes
  }
  panels -= panelBytes * (width / PANEL)
  for (let i = whole; i < count; i++)
    multiplyOne(rows + <usize>i * rowLine, depth, panels, first == 0 ? 0 : first + <usize>i * width, out + <usize>i * outLine, width)
}

function multiplyOne(row: usize, depth: usize, panels: usize, first: usize, out: usize, width: usize): void {
  const panelBytes = (depth >> 2) * PANEL
  for (let j: usize = 0; j < width; j += 2 * PANEL) {
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    if (first != 0) {
      a = v128.load(first + j)
      b = v128.load(first + j, 16)
      c = v128.load(first + j, 32)
      d = v128.load(first + j, 48)
    }
    let p = panels
    let q = panels + panelBytes
    for (let k: usize = 0; k < depth; k += 4) {
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
    panels = q
  }
}
