import type { Mark, Scene } from './scene.ts'

/** The scene as an SVG document: texts stay texts, the same bytes every time. */
export function toSvg(scene: Scene): string {
  const { width, height, background, description, title, marks } = scene
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}" role="img" font-family="Helvetica, Arial, sans-serif">`
  const about = `${title === undefined ? '' : `<title>${escapeXml(title)}</title>\n`}<desc>${escapeXml(description)}</desc>`
  const back = `<rect width="100%" height="100%" fill="${background}"/>`
  return `${[head, about, back, ...marks.map((mark) => element(mark, background)), '</svg>'].join('\n')}\n`
}

function element(mark: Mark, background: string): string {
  if (mark.kind === 'rectangle')
    return `<rect x="${number(mark.x)}" y="${number(mark.y)}" width="${number(mark.width)}" height="${number(mark.height)}" fill="${mark.color}"/>`
  if (mark.kind === 'disc') {
    const opacity = mark.opacity === 1 ? '' : ` fill-opacity="${number(mark.opacity)}"`
    const disc = `<circle cx="${number(mark.x)}" cy="${number(mark.y)}" r="${number(mark.radius)}" fill="${mark.color}"${opacity}`
    return mark.hint === undefined ? `${disc}/>` : `${disc}><title>${escapeXml(mark.hint)}</title></circle>`
  }
  const bold = mark.bold === true ? ' font-weight="bold"' : ''
  const rim =
    mark.rim === true ? ` stroke="${background}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"` : ''
  return `<text x="${number(mark.x)}" y="${number(mark.y)}" font-size="${number(mark.size)}" fill="${mark.color}"${bold}${rim}>${escapeXml(mark.text)}</text>`
}

/** Hundredths of a pixel are beyond what anybody sees. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Text as content or attribute of XML: markup escaped, what XML 1.0 cannot hold replaced by U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(notXml, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] as string)
}

const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
