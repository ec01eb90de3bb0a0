/**
 * The pages that `map` and `related` write, in Chromium and under real input: the map is panned, zoomed, hovered, clicked,
 * searched, recoloured and its groups hidden; neither page asks for anything or breaks its own policy.
 * `--pictures=<folder>` keeps a picture of each state.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { colorsOf } from '../../src/analyses/map/coloring.ts'
import { mapHtml } from '../../src/analyses/map/html.ts'
import { comparisonPage } from '../../src/core/related-boxes.ts'
import { createRandom } from '../../src/kernels/random.ts'
import { createMatrix } from '../../src/spec/matrix.ts'
import { chromium, missingChromium, type Page, withPage } from './support/chromium.ts'

const size = { width: 1100, height: 720 }
const items = 240
const groups = ['anchor', 'basil', 'copper']
const random = createRandom(3)
const pictures = process.argv.find((argument) => argument.startsWith('--pictures='))?.slice('--pictures='.length)
const folder = mkdtempSync(join(tmpdir(), 'vecino-pages-'))

function mapPage(): string {
  const group = (i: number) => groups[i % groups.length] as string
  const names = Array.from({ length: items }, (_, i) => `${group(i)} number ${i}`)
  const places = createMatrix(items, 2)
  for (let i = 0; i < items; i++) {
    places.data[2 * i] = 4 * (i % 3) + random.normal()
    places.data[2 * i + 1] = 3 * (i % 2) + random.normal()
  }
  const ids = names.map((_, i) => `item${i}`)
  const texts = names.map((name, i) => `A text about ${name} </script><b>${i}</b> & more.`)
  return mapHtml({
    items: { ids, texts, titles: names, metadata: names.map(() => ({})), vectors: createMatrix(items, 2) },
    names,
    places,
    title: 'A <map>',
    footnote: 'Made for a test',
    notices: [],
    colors: [
      colorsOf({ name: 'kind', values: names.map((_, i) => group(i)) }, items),
      colorsOf({ name: 'year', values: names.map((_, i) => 1900 + i) }, items),
    ],
  })
}

const relatedItem = (id: string, title: string) => ({ id, title, score: 1 })
const related = {
  overlap: 0.5,
  items: ['one', 'two', 'three'].map((id) => ({
    id: `${id}.md`,
    title: `Page ${id}`,
    related: [relatedItem('two.md', 'Page <two>'), relatedItem('three.md', 'Page three')],
    byMeaning: [relatedItem('two.md', 'Page <two>')],
    byWords: [relatedItem('three.md', 'Page three')],
  })),
}

/** Where a dot stands in the window. */
async function dot(page: Page, item: number): Promise<[number, number]> {
  return page.evaluate(`(({ left, top }) => [left + toX(${item}), top + toY(${item})])(canvas.getBoundingClientRect())`)
}

async function centreOf(page: Page, selector: string): Promise<[number, number]> {
  return page.evaluate(
    `(({ left, top, width, height }) => [left + width / 2, top + height / 2])(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`,
  )
}

async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(1))))')
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  await drawn(page)
  mkdirSync(pictures, { recursive: true })
  writeFileSync(join(pictures, `${name}.png`), await page.screenshot())
}

function near(actual: readonly number[], expected: readonly number[], what: string): void {
  for (const [i, value] of actual.entries())
    assert.ok(Math.abs(value - (expected[i] as number)) < 1.5, `${what}: ${actual} is not ${expected}`)
}

async function exploreMap(page: Page): Promise<void> {
  await page.until('width > 0')
  await drawn(page)
  const inside = (which: string) =>
    page.evaluate<boolean>(`${which}.every((i) => toX(i) >= 0 && toX(i) <= width && toY(i) >= 0 && toY(i) <= height)`)
  const all = 'data.names.map((_, i) => i)'
  assert.ok(await inside(all), 'the whole map is in view')
  await keepPicture(page, 'map-whole')

  const scale = await page.evaluate<number>('state.scale')
  const at = await dot(page, 7)
  await page.mouse('mouseWheel', ...at, { deltaY: -600 })
  await page.until(`state.scale > ${2 * scale}`)
  near(await dot(page, 7), at, 'what is under the pointer stays there while zooming')
  await keepPicture(page, 'map-zoomed')

  await page.mouse('mouseMoved', 300, 300)
  await page.mouse('mousePressed', 300, 300)
  await page.mouse('mouseMoved', 340, 310)
  await page.mouse('mouseMoved', 400, 330)
  await page.mouse('mouseReleased', 400, 330)
  near(await dot(page, 7), [at[0] + 100, at[1] + 30], 'a drag moves the map with the pointer')
  assert.equal(await page.evaluate('state.pinned'), -1, 'a drag pins nothing')

  await page.click(...(await centreOf(page, '#whole')))
  assert.equal(await page.evaluate<number>('state.scale'), scale)
  await drawn(page)

  const [x, y] = await dot(page, 12)
  await page.mouse('mouseMoved', x, y)
  const card = `document.querySelector('#card')`
  await page.until(`!${card}.hidden`)
  const hovered = await page.evaluate<number>('state.hover')
  assert.equal(await page.evaluate(`${card}.firstChild.textContent`), await page.evaluate(`data.names[${hovered}]`))
  assert.match(await page.evaluate<string>(`${card}.textContent`), /<\/script><b>\d+<\/b> & more\./)
  await page.click(x, y)
  await page.mouse('mouseMoved', 5, size.height - 100)
  await drawn(page)
  assert.equal(await page.evaluate(`${card}.hidden`), false, 'a click keeps the card')
  await keepPicture(page, 'map-pinned')
  await page.key('Escape')
  await page.until(`${card}.hidden`)

  await page.click(...(await centreOf(page, '#search')))
  await page.type('COPPER number')
  const found = Array.from({ length: items }, (_, i) => i).filter((i) => i % 3 === 2)
  await page.until(`document.querySelector('#found').textContent.startsWith('${found.length} items')`)
  assert.deepEqual(await page.evaluate('[...state.matches]'), found)
  await page.key('Enter')
  await drawn(page)
  assert.ok(await inside('[...state.matches]'), 'Enter shows all that was found')
  await keepPicture(page, 'map-searched')
  await page.click(...(await centreOf(page, '#matches button')))
  await page.until(`state.pinned === ${found[0]} && !${card}.hidden`)
  near(
    await page.evaluate<number[]>(`[toX(${found[0]}) - width / 2, toY(${found[0]}) - height / 2]`),
    [0, 0],
    'centred',
  )
  await keepPicture(page, 'map-found')
  await page.evaluate(`(byId('search').value = '', byId('search').dispatchEvent(new Event('input')), whole())`)

  const colorAt = `(([x, y]) => [...context.getImageData(Math.round(x), Math.round(y), 1, 1).data])([toX(30), toY(30)])`
  await page.evaluate('(state.hover = -1, draw())')
  const before = await page.evaluate(colorAt)
  await page.evaluate(`(chooser.value = '1', chooser.dispatchEvent(new Event('change')))`)
  await drawn(page)
  assert.equal(await page.evaluate(`document.querySelector('#legend h2').textContent`), 'year')
  assert.deepEqual(await page.evaluate(`[...document.querySelectorAll('.ends span')].map((end) => end.textContent)`), [
    '1900',
    `${1900 + items - 1}`,
  ])
  assert.notDeepEqual(await page.evaluate(colorAt), before, 'the dots take the colours of the new legend')
  await keepPicture(page, 'map-recoloured')
  await page.evaluate(`(chooser.value = '0', chooser.dispatchEvent(new Event('change')))`)
  await page.click(...(await centreOf(page, '.group')))
  assert.equal(await page.evaluate(`document.querySelector('.group').getAttribute('aria-pressed')`), 'false')
  const [hiddenAt] = await page.evaluate<number[]>('[...state.hidden]')
  assert.equal(
    await page.evaluate(`data.names.findIndex((_, i) => !isHidden(i) && state.coloring.of[i] === ${hiddenAt})`),
    -1,
  )
  await keepPicture(page, 'map-hidden')
}

async function lookAtRelated(page: Page): Promise<void> {
  assert.equal(await page.evaluate(`document.querySelectorAll('tbody tr').length`), related.items.length)
  assert.equal(await page.evaluate(`document.querySelector('tbody a').textContent`), 'Page <two>')
  assert.equal(await page.evaluate(`getComputedStyle(document.querySelector('table')).borderCollapse`), 'collapse')
  await keepPicture(page, 'related')
}

async function visit(name: string, html: string, work: (page: Page) => Promise<void>): Promise<void> {
  const file = join(folder, `${name}.html`)
  writeFileSync(file, html)
  const url = pathToFileURL(file).href
  await withPage(chromium as string, url, size, async (page) => {
    await work(page)
    assert.deepEqual(page.complaints, [], 'no exception and no breach of the policy')
    assert.deepEqual(page.requests, [url], 'nothing is asked for')
  })
  console.log(`${name}: holds in Chromium`)
}

if (chromium === undefined) console.log(missingChromium)
else
  try {
    await visit('map', mapPage(), exploreMap)
    await visit('related', comparisonPage(related, { title: 'Related <articles>' }), lookAtRelated)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
