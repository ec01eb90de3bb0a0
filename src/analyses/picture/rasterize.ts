import { Raster } from './raster.ts'
import type { Scene } from './scene.ts'
import { strokesOf, strokeWidth } from './stroke-font.ts'
import { sansWidth } from './text-metrics.ts'

/**
 * The scene as pixels, texts in the stroke font.
 *
 * @param scale - Pixels a unit of the scene; 2 suits screens of today. @default 2
 */
export function rasterize(scene: Scene, scale = 2): Raster {
  const raster = new Raster(Math.round(scene.width * scale), Math.round(scene.height * scale), scene.background)
  for (const mark of scene.marks) {
    if (mark.kind === 'disc') raster.disc(mark.x * scale, mark.y * scale, mark.radius * scale, mark.color, mark.opacity)
    else if (mark.kind === 'rectangle')
      raster.rectangle(mark.x * scale, mark.y * scale, mark.width * scale, mark.height * scale, mark.color)
    else {
      const { text, size, bold = false } = mark
      // As wide as the SVG has it.
      const squeeze = sansWidth(text, size, bold) / Math.max(1e-9, strokeWidth(text, size))
      const strokes = strokesOf(text, size * scale).map((stroke) =>
        stroke.map((value, at) => (at % 2 === 0 ? value * squeeze : value)),
      )
      const thickness = size * scale * (bold ? 0.13 : 0.085)
      const [x, y] = [mark.x * scale, mark.y * scale]
      if (mark.rim === true) raster.strokes(strokes, x, y, thickness + 3 * scale, scene.background)
      raster.strokes(strokes, x, y, thickness, mark.color)
    }
  }
  return raster
}
