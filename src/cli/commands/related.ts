import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { choiceFlag, integerFlag, modelOption } from '../flags.ts'

interface RelatedFlags extends JsonFlag {
  readonly out?: string
  readonly topK?: number
  readonly mode?: 'meaning' | 'words' | 'both'
  readonly diversity?: number
  readonly heading?: string
  readonly baseUrl?: string
  readonly maxPages?: number
  readonly delayMs?: number
  readonly allowPrivate?: boolean
  readonly model?: string
}

const choices = ['both', 'meaning', 'words']
const shownPages = 3

function shareFlag(text: string, flag: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 1)) throw new InvalidArgumentError(flag, 'a number from 0 to 1, such as 0.2', text)
  return value
}

export const command = defineCommand<RelatedFlags>({
  name: 'related',
  summary: 'related articles for a site: HTML boxes, JSON',
  arguments: [
    {
      name: 'site',
      summary: 'a folder of Markdown or HTML, or the address of a sitemap',
      required: true,
      complete: 'paths',
    },
  ],
  options: [
    {
      flags: '-o, --out <folder>',
      summary: 'where related.json, boxes and index.html are written',
      fallback: 'related',
      complete: 'paths',
    },
    { flags: '-k, --top-k <n>', summary: 'related articles a page', parse: integerFlag(1, 100), fallback: '5' },
    {
      flags: '--mode <mode>',
      summary: 'both, meaning or words',
      parse: choiceFlag(choices),
      fallback: 'both',
      complete: choices,
    },
    {
      flags: '--diversity <x>',
      summary: '0: the nearest, 1: as unlike each other as can be',
      parse: shareFlag,
      fallback: '0.2',
    },
    { flags: '--heading <text>', summary: 'of a box', fallback: 'Related articles' },
    { flags: '--base-url <url>', summary: 'put before the path of a page in links' },
    { flags: '--max-pages <n>', summary: 'of a sitemap: pages read at most', parse: integerFlag(1), fallback: '1000' },
    {
      flags: '--delay-ms <ms>',
      summary: 'of a sitemap: pause between two requests',
      parse: integerFlag(0, 60_000),
      fallback: '500',
    },
    { flags: '--allow-private', summary: 'of a sitemap: also on this machine or a private network' },
    modelOption,
    jsonOption,
  ],
  examples: [
    'vecino related ./posts --out ./related',
    'vecino related https://example.org/sitemap.xml --max-pages 200',
    'vecino related ./site --base-url https://example.org/blog/ --json',
  ],
  async run({ words, flags, terminal, json, signal }: CommandInput<RelatedFlags>) {
    const [{ writeRelated }, { printJson }, { safeLine }] = await Promise.all([
      import('../../related-site.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
    ])
    const [site = ''] = words
    const { out = 'related', topK, mode, diversity, heading, baseUrl, model, maxPages, delayMs, allowPrivate } = flags
    const { related, files, skipped } = await writeRelated(site, out, {
      topK,
      mode,
      diversity,
      heading,
      baseUrl,
      model,
      maxPages,
      delayMs,
      allowPrivate,
      signal,
    })
    const overlap = Math.round(100 * related.overlap)
    if (json) {
      printJson({ site, out, pages: related.items.length, files, overlap: related.overlap, skipped }, terminal)
      return undefined
    }
    const name = ({ id, title }: { id: string; title: string | undefined }) => safeLine(title ?? id)
    for (const page of related.items.slice(0, shownPages)) {
      terminal.out(`${terminal.paint('bold', name(page))}\n`)
      for (const [label, list] of [
        ['related', page.related],
        ['meaning', page.byMeaning],
        ['words', page.byWords],
      ] as const)
        for (const [at, item] of list.slice(0, 3).entries())
          terminal.out(`  ${terminal.paint('dim', (at === 0 ? label : '').padEnd(8))} ${name(item)}\n`)
    }
    terminal.note(`${related.items.length} pages. Words alone and meaning alone agree on ${overlap} % of the lists.`)
    terminal.note(`${safeLine(out)}/index.html shows all side by side; related.json and boxes/ are for your site.`)
    for (const { source, message } of skipped) terminal.note(`${safeLine(source)}: ${safeLine(message)}`)
    return undefined
  },
})
