import type { Filter } from './filter.ts'
import type { Matrix } from './matrix.ts'
import type { Passport } from './passport.ts'

export type MapMethod = 'umap' | 'tsne' | 'pca'

/** A map as JSON: where each item stands, and what is needed to place others among them. */
export interface SavedMap {
  readonly format: 'vecino-map'
  readonly version: 1
  readonly method: MapMethod
  readonly seed: number
  readonly nNeighbors: number | null
  readonly minDist: number | null
  /** Of the model whose vectors were laid out; null for vectors of unknown make. */
  readonly passport: Passport | null
  /** `vector` is a checksum: an item whose vector has changed since is placed anew. */
  readonly items: readonly { readonly id: string; readonly x: number; readonly y: number; readonly vector: string }[]
}

export interface PictureSize {
  /** Pixels, integer from 300 to 10,000. @default 1200 */
  readonly width?: number | undefined
  /** Pixels, integer from 200 to 10,000. @default 900 */
  readonly height?: number | undefined
}

export interface ItemMap {
  readonly ids: readonly string[]
  /** `items × 2`, row i for `ids[i]`. */
  readonly places: Matrix
  readonly method: MapMethod
  /**
   * How far the neighbours in the picture are neighbours in the vectors: `score` from 0 to 1, and the share of true
   * neighbours shown, `recall`. Undefined below four items.
   */
  readonly trustworthiness:
    | { readonly score: number; readonly recall: number; readonly sampledRows: number }
    | undefined
  /** What a reader of the picture should know. */
  readonly notices: readonly string[]
  /** What a reader of the PNG should know beside them. */
  readonly pngNotices: readonly string[]
  svg(size?: PictureSize): string
  /** Twice as many pixels each way as `size` says. Texts are in a stroke font of Latin letters; others are boxes. */
  png(size?: PictureSize): Uint8Array
  /** One page without network or libraries: pan, zoom, hover, search, choice of colouring. */
  html(): string
  /** For `onto`, also by way of JSON. */
  save(): SavedMap
}

/** How a map is laid out, whatever is drawn. */
export interface MapLayoutOptions {
  /**
   * `umap` keeps neighbourhoods and something of the whole, `tsne` neighbourhoods alone, `pca` the directions in which
   * items differ most. @default 'umap', or that of `onto`
   */
  readonly method?: MapMethod | undefined
  /** @default none */
  readonly title?: string | undefined
  /** Names of items in a picture, at most; integer ≥ 0. @default of up to 60 items all, where there is room; else 24 */
  readonly labels?: number | undefined
  /** Safe integer; same seed, same bytes. @default 0, or that of `onto` */
  readonly seed?: number | undefined
  /** UMAP: neighbours that make up an item's surroundings, itself among them; integer from 2 to items. @default 15, fewer below 42 items */
  readonly nNeighbors?: number | undefined
  /** UMAP: distance below which items need not come closer, from 0 to 1. @default 0.1 */
  readonly minDist?: number | undefined
  /** t-SNE: about how many neighbours count, from 1 to (items − 1) / 3. @default 30, fewer below 91 items */
  readonly perplexity?: number | undefined
  /** A map made earlier: its items keep their places, new ones join. @default a new map */
  readonly onto?: SavedMap | undefined
  readonly signal?: AbortSignal | undefined
  /** Called while the layout is computed. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What a layout will take, about, on a machine like the one it was measured on (two cores of a server). */
export interface MapCost {
  readonly items: number
  readonly seconds: number
  readonly bytes: number
}

export interface CollectionMapOptions extends MapLayoutOptions {
  /** One dot a source, with the mean direction of its passages, or one a passage. @default 'source' */
  readonly by?: 'source' | 'passage' | undefined
  readonly filter?: Filter | undefined
  /** `cluster` (named groups found in the vectors) or fields of the metadata; pictures show the first. @default one colour */
  readonly colorBy?: string | readonly string[] | undefined
  /** Draw so many items, chosen by lot, where there are more; integer ≥ 1. @default all */
  readonly sample?: number | undefined
  /** Told before the layout is begun. */
  readonly onCost?: ((cost: MapCost) => void) | undefined
}
