import { InvalidArgumentError, UnreadableInputError } from '../../spec/errors.ts'
import type { ItemMap, MapCost, MapMethod, PictureSize, SavedMap } from '../../spec/map.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import {
  type CollectionFlag,
  choiceFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
  listFlag,
  type UnitFlag,
  unitOption,
} from '../flags.ts'

interface MapFlags extends CollectionFlag, FilterFlags, JsonFlag, UnitFlag {
  readonly out?: readonly string[]
  readonly method?: MapMethod
  readonly title?: string
  readonly colorBy?: readonly string[]
  readonly labels?: number
  readonly sample?: number
  readonly seed?: number
  readonly neighbors?: number
  readonly minDist?: number
  readonly perplexity?: number
  readonly onto?: string
  readonly width?: number
  readonly height?: number
}

const methods = ['umap', 'tsne', 'pca']
/** A layout that takes longer is announced before it begins. */
const announcedFromSeconds = 20
const suggestedSample = 20_000

function numberFlag(text: string, flag: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) throw new InvalidArgumentError(flag, 'a number ≥ 0, such as 0.1', text)
  return value
}

export const command = defineCommand<MapFlags>({
  name: 'map',
  summary: 'a map where near means alike: SVG, PNG or HTML',
  arguments: [],
  options: [
    {
      flags: '-o, --out <path>',
      summary: 'write .svg, .png, .html, or .json for --onto; may be given several times',
      repeatable: true,
      complete: 'paths',
    },
    {
      flags: '--color-by <names>',
      summary: 'cluster, or fields of the metadata, with commas between',
      parse: listFlag,
    },
    {
      flags: '--method <method>',
      summary: methods.join(', '),
      parse: choiceFlag(methods),
      fallback: 'umap',
      complete: methods,
    },
    unitOption('one dot a source, or a passage'),
    { flags: '--title <text>', summary: 'above the picture' },
    {
      flags: '--labels <n>',
      summary: 'names of items in a picture, at most',
      parse: integerFlag(0),
      fallback: '24; of up to 60 items all',
    },
    { flags: '--sample <n>', summary: 'draw so many items, chosen by lot', parse: integerFlag(1) },
    { flags: '--onto <path>', summary: 'a map saved as .json: its items keep their places', complete: 'paths' },
    { flags: '--seed <n>', summary: 'another seed, another picture', parse: integerFlag(0), fallback: '0' },
    {
      flags: '--neighbors <n>',
      summary: 'UMAP: neighbours of an item that count',
      parse: integerFlag(2),
      fallback: '15',
    },
    { flags: '--min-dist <x>', summary: 'UMAP: how close dots may stand, 0 to 1', parse: numberFlag, fallback: '0.1' },
    {
      flags: '--perplexity <x>',
      summary: 't-SNE: neighbours of an item that count, about',
      parse: numberFlag,
      fallback: '30',
    },
    {
      flags: '--width <px>',
      summary: 'of SVG and PNG (which has twice the pixels)',
      parse: integerFlag(300, 10_000),
      fallback: '1200',
    },
    { flags: '--height <px>', summary: 'the same', parse: integerFlag(200, 10_000), fallback: '900' },
    ...filterOptions,
    collectionOption,
    jsonOption,
  ],
  examples: [
    'vecino map --out map.html --color-by cluster,lang',
    'vecino map --out map.svg --out map.json',
    'vecino map --onto map.json --out map.svg',
  ],
  interruptible: true,
  async run({ flags, terminal, json, signal }: CommandInput<MapFlags>) {
    const [
      { withCollection },
      { isAbort, printStopped },
      { printJson },
      { safeLine },
      { progressView },
      { writeWhole },
    ] = await Promise.all([
      import('../open-collection.ts'),
      import('../interruption.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
      import('../progress.ts'),
      import('../write-file.ts'),
    ])
    const {
      out = [],
      neighbors: nNeighbors,
      onto,
      width,
      height,
      colorBy,
      by,
      method,
      title,
      labels,
      sample,
      seed,
      minDist,
      perplexity,
    } = flags
    const writers = out.map((path) => writerOf(path))
    if (writers.length === 0)
      throw new InvalidArgumentError(
        '--out',
        'a path that ends in .svg, .png, .html or .json',
        undefined,
        'Such as --out map.html.',
      )
    const progress = progressView(terminal, json)
    const announce = (cost: MapCost) => {
      if (cost.seconds >= announcedFromSeconds && !json) terminal.note(costLine(cost))
    }
    try {
      const saved = onto === undefined ? undefined : await readSavedMap(onto)
      const map = await withCollection(flags, (collection) =>
        collection.map({
          ...{ colorBy, by, method, title, labels, sample, seed, nNeighbors, minDist, perplexity },
          ...{ onto: saved, filter: filterOf(flags), signal, onCost: announce },
          onProgress: (done, total) =>
            progress.show({ phase: 'map', done, total, unit: 'steps', perSecond: undefined, etaMs: undefined }),
        }),
      )
      progress.end()
      for (const [i, write] of writers.entries()) await writeWhole(out[i] as string, write(map, { width, height }))
      const { trustworthiness, ids } = map
      const notices = [...map.notices, ...(out.some((path) => endingOf(path) === 'png') ? map.pngNotices : [])]
      if (json)
        printJson(
          { out, items: ids.length, method: map.method, trustworthiness: trustworthiness ?? null, notices },
          terminal,
        )
      else {
        for (const path of out) terminal.out(`${safeLine(path)}\n`)
        const believed =
          trustworthiness === undefined ? '' : `, trustworthiness ${trustworthiness.score.toFixed(3)} (1 is best)`
        terminal.note(`${ids.length.toLocaleString('en')} ${ids.length === 1 ? 'item' : 'items'}${believed}.`)
        for (const notice of notices) terminal.note(safeLine(notice))
      }
      return undefined
    } catch (error) {
      progress.end()
      if (!isAbort(error, signal)) throw error
      printStopped('nothing was written', 'Run it again, with --sample <n> for a part of the items.', terminal, json)
      return exitStatus.interrupted
    }
  },
})

type Writer = (map: ItemMap, size: PictureSize) => string | Uint8Array

function writerOf(path: string): Writer {
  const ending = endingOf(path)
  if (ending === 'svg') return (map, size) => map.svg(size)
  if (ending === 'png') return (map, size) => map.png(size)
  if (ending === 'html') return (map) => map.html()
  if (ending === 'json') return (map) => `${JSON.stringify(map.save())}\n`
  throw new InvalidArgumentError('--out', 'a path that ends in .svg, .png, .html or .json', path)
}

function endingOf(path: string): string | undefined {
  return /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase()
}

async function readSavedMap(path: string): Promise<SavedMap> {
  const [{ readFile }, { parseSavedMap }, { NotFoundError }] = await Promise.all([
    import('node:fs/promises'),
    import('../../analyses/map/saved-map.ts'),
    import('../../spec/errors.ts'),
  ])
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError('saved map', path)
    throw new UnreadableInputError(path, 'a file', 'none that can be read', { cause })
  }
  try {
    return parseSavedMap(JSON.parse(text), path)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new UnreadableInputError(path, 'JSON', 'other text', { cause })
  }
}

function costLine({ items, seconds, bytes }: MapCost): string {
  const time = seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
  const sample = items > suggestedSample ? ` --sample ${suggestedSample} draws a part of them by lot, in seconds.` : ''
  return `${items.toLocaleString('en')} items: about ${time} and ${(bytes / 1e9).toFixed(1)} GB.${sample} Ctrl-C stops.`
}
