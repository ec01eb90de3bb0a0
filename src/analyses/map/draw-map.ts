import type { Trustworthiness } from '../../kernels/trustworthiness.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Items } from '../../spec/items.ts'
import type { ItemMap, MapLayoutOptions, MapMethod, PictureSize } from '../../spec/map.ts'
import { encodePng } from '../picture/png.ts'
import { rasterize } from '../picture/rasterize.ts'
import { canStroke } from '../picture/stroke-font.ts'
import { toSvg } from '../picture/svg.ts'
import { colorsOf, type MapColoring } from './coloring.ts'
import { mapHtml } from './html.ts'
import { joinMap } from './join-map.ts'
import { layOut, methodNames, trustOf } from './layout.ts'
import { mapScene } from './map-scene.ts'
import { vectorMark } from './saved-map.ts'

export interface MapOptions extends MapLayoutOptions {
  /** Ways to colour the items: pictures show the first, the HTML page offers all. @default one colour */
  readonly colorings?: readonly MapColoring[] | undefined
  readonly threads?: number | undefined
}

/** As many items are all named where there is room; of more, so many are. */
const fewItems = 60
const defaultLabels = 24

/**
 * Draw items as a map on which near means alike: dots, names that do not collide, legend, title, and how far the map can
 * be believed.
 *
 * @param items - Any number; their vectors have unit length.
 * @returns the layout, and the same picture as SVG, PNG and a page to explore. Same items, options and seed: same bytes.
 * @throws {InvalidArgumentError} when an option is out of range or a colouring has not one value an item.
 * @throws {PassportMismatchError} when `onto` was made with another model.
 *
 * Cost: that of the layout (`umap`, `tsne`, `pca`), then up to 250 × items comparisons for the trustworthiness (all
 * pairs up to 3,000 items), and the writing.
 */
export async function drawMap(items: Items, options: MapOptions = {}): Promise<ItemMap> {
  const { title, colorings = [], onto, signal, onProgress } = options
  const labels = options.labels ?? (items.ids.length <= fewItems ? fewItems : defaultLabels)
  const asked = options.method ?? onto?.method ?? 'umap'
  const seed = options.seed ?? onto?.seed ?? 0
  assertOptions(options, asked, items)
  const colors = colorings.map((coloring) => colorsOf(coloring, items.ids.length))
  const layout =
    onto === undefined
      ? await layOut(items.vectors, { ...options, method: asked, seed, signal, onProgress })
      : await joinMap(items, onto, options.threads)
  const { method } = layout
  signal?.throwIfAborted()
  const trust = await trustOf(items.vectors, layout.places, seed)
  const names = items.ids.map((id, i) => nameOf(items, i) || id)
  const footnote = footnoteOf(method, items.ids.length, trust, seed)
  const view = { places: layout.places, names, title: title === '' ? undefined : title, footnote, labels }
  const sceneOf = (size: PictureSize = {}) => mapScene({ ...view, colors: colors[0] }, sizeOf(size))
  const unknown = names.filter((name) => !canStroke(name)).length
  return {
    ids: items.ids,
    places: layout.places,
    method,
    trustworthiness: trust,
    notices: layout.notices,
    pngNotices:
      unknown === 0
        ? []
        : [
            `A PNG shows boxes for letters its font lacks (${unknown} of ${names.length} names have some); SVG and HTML show them.`,
          ],
    svg: (size) => toSvg(sceneOf(size)),
    png(size) {
      const { width, height, rgba } = rasterize(sceneOf(size))
      return encodePng(width, height, rgba)
    },
    html: () =>
      mapHtml({ items, names, places: layout.places, title: view.title, footnote, notices: layout.notices, colors }),
    save: () => ({
      format: 'vecino-map',
      version: 1,
      method,
      seed,
      nNeighbors: onto?.nNeighbors ?? options.nNeighbors ?? null,
      minDist: onto?.minDist ?? options.minDist ?? null,
      passport: items.vectors.passport ?? null,
      items: items.ids.map((id, i) => ({
        id,
        x: layout.places.data[i * 2] as number,
        y: layout.places.data[i * 2 + 1] as number,
        vector: vectorMark(items, i),
      })),
    }),
  }
}

function assertOptions(options: MapOptions, method: MapMethod, { ids }: Items): void {
  if (!(method in methodNames)) throw new InvalidArgumentError('options.method', "'umap', 'tsne' or 'pca'", method)
  const { labels, onto } = options
  if (labels !== undefined && (!Number.isSafeInteger(labels) || labels < 0))
    throw new InvalidArgumentError('options.labels', 'an integer ≥ 0', labels)
  if (ids.length === 0)
    throw new InvalidArgumentError('items', 'at least 1', 0, 'Add texts first, or widen the filter.')
  const foreign = {
    umap: ['perplexity'],
    tsne: ['nNeighbors', 'minDist'],
    pca: ['perplexity', 'nNeighbors', 'minDist'],
  } as const
  for (const name of foreign[method])
    if (options[name] !== undefined)
      throw new InvalidArgumentError(
        `options.${name}`,
        `none: ${methodNames[method]} has no such setting`,
        options[name],
      )
  if (onto === undefined) return
  for (const name of ['method', 'seed', 'nNeighbors', 'minDist', 'perplexity'] as const)
    if (options[name] !== undefined && options[name] !== (name === 'perplexity' ? undefined : onto[name]))
      throw new InvalidArgumentError(
        `options.${name}`,
        name === 'perplexity' ? 'none with onto' : `that of the map (${String(onto[name])})`,
        options[name],
        'Leave it out, or draw a new map.',
      )
}

function sizeOf({ width = 1200, height = 900 }: PictureSize): { width: number; height: number } {
  for (const [name, value, least] of [
    ['width', width, 300],
    ['height', height, 200],
  ] as const)
    if (!Number.isSafeInteger(value) || value < least || value > 10_000)
      throw new InvalidArgumentError(`size.${name}`, `an integer from ${least} to 10000`, value)
  return { width, height }
}

const namedCharacters = 80

function nameOf({ titles, texts }: Items, i: number): string {
  return (titles[i] ?? texts[i] ?? '').replace(/\s+/g, ' ').trim().slice(0, namedCharacters).toWellFormed()
}

function footnoteOf(method: MapMethod, items: number, trust: Trustworthiness | undefined, seed: number): string {
  const believed =
    trust === undefined
      ? 'too few items to measure trustworthiness'
      : `trustworthiness ${trust.score.toFixed(trust.sampledRows < items ? 2 : 3)} (1 is best${trust.sampledRows < items ? `; measured on ${trust.sampledRows}` : ''})`
  return `${methodNames[method]} of ${items.toLocaleString('en')} ${items === 1 ? 'item' : 'items'} · ${believed} · seed ${seed}`
}
