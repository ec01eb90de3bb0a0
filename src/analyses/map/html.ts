import type { Items } from '../../spec/items.ts'
import type { Matrix } from '../../spec/matrix.ts'
import { htmlPage } from '../picture/html-page.ts'
import { escapeXml } from '../picture/svg.ts'
import { type MapColors, neutralColor, onlyColor, rampColors } from './coloring.ts'
import { explorerScript } from './explorer-script.ts'
import { explorerStyle } from './explorer-style.ts'

export interface MapPage {
  readonly items: Items
  readonly names: readonly string[]
  readonly places: Matrix
  readonly title: string | undefined
  readonly footnote: string
  readonly notices: readonly string[]
  readonly colors: readonly MapColors[]
}

const snippetCharacters = 200

/**
 * The map as one page that needs nothing else; see `htmlPage`. Texts travel as JSON in which no tag can end and reach the page as text, never as markup.
 */
export function mapHtml({ items, names, places, title, footnote, notices, colors }: MapPage): string {
  const heading = title ?? 'Map'
  const data = {
    names,
    ids: items.ids,
    texts: items.texts.map((text, i) => snippetOf(text, names[i] as string)),
    places: base64(new Uint8Array(places.data.slice().buffer)),
    colorings: colors.map((coloring) =>
      coloring.kind === 'groups'
        ? { ...coloring, of: base64(coloring.of) }
        : { ...coloring, of: base64(coloring.of), missing: base64(coloring.missing) },
    ),
    ramp: rampColors(),
    only: onlyColor,
    neutral: neutralColor,
  }
  const choices = colors.map(({ name }, i) => `<option value="${i}">${escapeXml(name)}</option>`).join('')
  const body = `<header>
<h1>${escapeXml(heading)}</h1>
<form id="controls">
<label>Search <input id="search" type="search" autocomplete="off" placeholder="words in names and texts"></label>
${colors.length > 0 ? `<label>Colour by <select id="coloring">${choices}</select></label>` : ''}
<span class="zoom"><button type="button" id="closer" aria-label="Zoom in">+</button><button type="button" id="further" aria-label="Zoom out">−</button><button type="button" id="whole">Whole map</button></span>
</form>
</header>
<main>
<canvas id="map" tabindex="0" role="img" aria-label="${escapeXml(footnote)}. Arrow keys move, plus and minus zoom; the search box lists items."></canvas>
<aside>
<div id="found" aria-live="polite"></div>
<ul id="matches"></ul>
<div id="legend"></div>
</aside>
<div id="card" hidden></div>
</main>
<footer>${[footnote, ...notices].map((line) => `<p>${escapeXml(line)}</p>`).join('')}</footer>
<script type="application/json" id="data">${jsonInMarkup(data)}</script>`
  return htmlPage({ title: heading, style: explorerStyle, body, script: explorerScript })
}

function snippetOf(text: string, name: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line === name) return ''
  return line.length > snippetCharacters ? `${line.slice(0, snippetCharacters).toWellFormed()}…` : line
}

/** JSON that ends no script element and holds no character that older parsers take for a line's end. */
function jsonInMarkup(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
