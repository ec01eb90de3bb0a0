import type { Stroke } from './stroke-font.ts'

/**
 * An opaque picture of RGBA pixels to draw on, with smooth edges. Colours are `#rrggbb`; coordinates in pixels, y downwards;
 * a shape covers a pixel by how far its edge is from the pixel's middle.
 */
export class Raster {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array

  constructor(width: number, height: number, background = '#ffffff') {
    this.width = width
    this.height = height
    this.rgba = new Uint8Array(width * height * 4)
    const [r, g, b] = channels(background)
    for (let at = 0; at < this.rgba.length; at += 4) this.rgba.set([r, g, b, 255], at)
  }

  disc(x: number, y: number, radius: number, color: string, opacity = 1): void {
    const rgb = channels(color)
    this.within(x - radius, y - radius, x + radius, y + radius, (px, py, at) => {
      const distance = Math.sqrt((px - x) ** 2 + (py - y) ** 2)
      this.blend(at, rgb, coverage(radius - distance) * opacity)
    })
  }

  rectangle(x: number, y: number, width: number, height: number, color: string, opacity = 1): void {
    const rgb = channels(color)
    this.within(x, y, x + width, y + height, (px, py, at) => {
      const across = Math.min(coverage(px - x), coverage(x + width - px))
      const down = Math.min(coverage(py - y), coverage(y + height - py))
      this.blend(at, rgb, across * down * opacity)
    })
  }

  /** Strokes with round ends and of one thickness, moved by (x, y); where they cross, they do not add up. */
  strokes(strokes: readonly Stroke[], x: number, y: number, thickness: number, color: string, opacity = 1): void {
    const radius = thickness / 2
    const bounds = boundsOf(strokes)
    if (bounds === undefined) return
    const [left, top] = [Math.floor(bounds[0] + x - radius - 1), Math.floor(bounds[1] + y - radius - 1)]
    const [right, bottom] = [Math.ceil(bounds[2] + x + radius + 1), Math.ceil(bounds[3] + y + radius + 1)]
    const columns = right - left
    const covered = new Float32Array(columns * (bottom - top))
    for (const stroke of strokes)
      for (let at = 0; at + 1 < stroke.length; at += 2) {
        const next = Math.min(at + 2, stroke.length - 2)
        const [ax, ay] = [(stroke[at] as number) + x, (stroke[at + 1] as number) + y]
        const [bx, by] = [(stroke[next] as number) + x, (stroke[next + 1] as number) + y]
        const reach = radius + 1
        for (let py = Math.floor(Math.min(ay, by) - reach); py < Math.max(ay, by) + reach; py++)
          for (let px = Math.floor(Math.min(ax, bx) - reach); px < Math.max(ax, bx) + reach; px++) {
            const cell = (py - top) * columns + px - left
            const share = coverage(radius - distanceToSegment(px + 0.5, py + 0.5, ax, ay, bx, by))
            if (share > (covered[cell] as number)) covered[cell] = share
          }
      }
    const rgb = channels(color)
    for (let py = Math.max(0, top); py < Math.min(this.height, bottom); py++)
      for (let px = Math.max(0, left); px < Math.min(this.width, right); px++) {
        const share = covered[(py - top) * columns + px - left] as number
        if (share > 0) this.blend((py * this.width + px) * 4, rgb, share * opacity)
      }
  }

  private within(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    visit: (px: number, py: number, at: number) => void,
  ): void {
    for (let py = Math.max(0, Math.floor(y0 - 1)); py < Math.min(this.height, y1 + 1); py++)
      for (let px = Math.max(0, Math.floor(x0 - 1)); px < Math.min(this.width, x1 + 1); px++)
        visit(px + 0.5, py + 0.5, (py * this.width + px) * 4)
  }

  private blend(at: number, [r, g, b]: readonly [number, number, number], share: number): void {
    const { rgba } = this
    rgba[at] = Math.round((rgba[at] as number) + (r - (rgba[at] as number)) * share)
    rgba[at + 1] = Math.round((rgba[at + 1] as number) + (g - (rgba[at + 1] as number)) * share)
    rgba[at + 2] = Math.round((rgba[at + 2] as number) + (b - (rgba[at + 2] as number)) * share)
  }
}

/** Share of a pixel inside a shape whose edge is `depth` pixels beyond its middle. */
function coverage(depth: number): number {
  return Math.min(1, Math.max(0, depth + 0.5))
}

function distanceToSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay]
  const square = dx * dx + dy * dy
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square))
  return Math.sqrt((x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2)
}

function boundsOf(strokes: readonly Stroke[]): [number, number, number, number] | undefined {
  let bounds: [number, number, number, number] | undefined
  for (const stroke of strokes)
    for (let at = 0; at + 1 < stroke.length; at += 2) {
      const [x, y] = [stroke[at] as number, stroke[at + 1] as number]
      bounds ??= [x, y, x, y]
      bounds = [Math.min(bounds[0], x), Math.min(bounds[1], y), Math.max(bounds[2], x), Math.max(bounds[3], y)]
    }
  return bounds
}

export function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}
