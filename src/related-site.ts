import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Crawl, type CrawlOptions, crawlSite } from './core/crawl/crawl-site.ts'
import { boxPath, comparisonPage, encodedPath, relatedBox } from './core/related-boxes.ts'
import { open } from './open.ts'
import type { Notice, SourceRecord } from './spec/collection.ts'
import { InvalidArgumentError, NotFoundError } from './spec/errors.ts'
import type { EmbeddingModel } from './spec/model.ts'
import type { CollectionRelatedOptions, RelatedItems } from './spec/related.ts'
import { readHtml } from './text/readers/html.ts'

export interface RelatedSiteOptions extends Omit<CollectionRelatedOptions, 'filter'>, Omit<CrawlOptions, 'signal'> {
  readonly model?: string | EmbeddingModel | undefined
  /** Heading of a box. @default 'Related articles' */
  readonly heading?: string | undefined
  /**
   * Put before the path of a page in links; `http:`, `https:` or a path. @default links are paths relative to the site, or a
   * crawled page's own address
   */
  readonly baseUrl?: string | undefined
}

export interface RelatedSite {
  readonly related: RelatedItems
  /** Files written. */
  readonly files: number
  /** Pages that could not be read, or have no word the model knows. */
  readonly skipped: readonly Pick<Notice, 'source' | 'message'>[]
}

/**
 * Write what to read next for every page of a site: `related.json`, a box of HTML a page in `boxes/`, and `index.html`, on
 * which the lists stand beside those by words alone and by meaning alone.
 *
 * @param site - A folder of Markdown, HTML or text, or the address of a sitemap, whose pages are then read politely; see
 *   `crawlSite`.
 * @param out - A folder that is not there yet, is empty, or holds what an earlier run wrote.
 * @throws {NotFoundError} when there is no such folder.
 * @throws {ProviderError} when the site cannot be read, or its address is not public.
 * @throws {InvalidArgumentError} for fewer than two pages, a folder with other files in it, or an option out of range.
 *
 * Cost: embedding the pages and the neighbours of all; seconds for a thousand pages with the starter.
 */
export async function writeRelated(site: string, out: string, options: RelatedSiteOptions = {}): Promise<RelatedSite> {
  const { model, heading, baseUrl, maxPages, delayMs, allowPrivate, ...rest } = options
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(site)
  if (!isAddress) {
    const given = Object.entries({ maxPages, delayMs, allowPrivate }).find(([, value]) => value !== undefined)
    if (given !== undefined) throw new InvalidArgumentError(`options.${given[0]}`, 'none for a folder', given[1])
    if (!statSync(site, { throwIfNoEntry: false })?.isDirectory()) throw new NotFoundError('folder of pages', site)
  }
  const base = checkedBase(baseUrl)
  await assertOurs(out)
  const collection = await open(':memory:', model === undefined ? {} : { model })
  try {
    const crawl = isAddress
      ? await crawlSite(site, { maxPages, delayMs, allowPrivate, signal: rest.signal })
      : undefined
    const pagesRead = crawl === undefined ? undefined : pagesOf(crawl)
    const { notices } = await collection.add(pagesRead?.records ?? site, { signal: rest.signal })
    const related = await collection.related(rest)
    const linkOf = (id: string) =>
      (baseUrl === undefined ? pagesRead?.addresses.get(id) : undefined) ?? `${base}${encodedPath(id)}`
    await mkdir(join(out, 'boxes'), { recursive: true })
    for (const page of related.items) {
      const path = join(out, 'boxes', boxPath(page.id))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, relatedBox(page, { heading, linkOf }))
    }
    const { model: name, fingerprint } = await collection.status()
    const pages = related.items.map((page) => ({ ...page, box: `boxes/${boxPath(page.id)}`, url: linkOf(page.id) }))
    const document = { format: 'vecino-related', version: 1, model: name, fingerprint, overlap: related.overlap, pages }
    await writeFile(join(out, 'related.json'), `${JSON.stringify(document, null, 1)}\n`)
    await writeFile(join(out, 'index.html'), comparisonPage(related, { title: 'Related articles', linkOf }))
    const unread = notices.filter(({ kind }) => kind === 'skipped-file' || kind === 'no-vector')
    return { related, files: related.items.length + 2, skipped: [...(pagesRead?.skipped ?? []), ...unread] }
  } finally {
    await collection.close()
  }
}

/** Crawled pages as records, named by their path within the site. */
function pagesOf({ pages, skipped: passedOver }: Crawl) {
  const skipped: Pick<Notice, 'source' | 'message'>[] = [...passedOver]
  const addresses = new Map<string, string>()
  const records: SourceRecord[] = []
  for (const { url, html } of pages) {
    const { pathname, search } = new URL(url)
    const id = `${pathname}${search}`.replace(/^\/+/, '') || 'index'
    const [document] = readHtml(html, {
      ...{ path: url, id, file: undefined, isNamed: false },
      onNotice: ({ message }) => skipped.push({ source: url, message }),
    })
    if (document === undefined) continue
    addresses.set(id, url)
    records.push({ id, title: document.title, text: document.text })
  }
  return { records, addresses, skipped }
}

/** A link must not run a script when it is clicked. */
function checkedBase(baseUrl: string | undefined): string {
  if (baseUrl === undefined) return ''
  if (!/^(https?:\/\/|\/(?!\/)|\.{1,2}\/)/i.test(baseUrl))
    throw new InvalidArgumentError(
      'options.baseUrl',
      'an address such as https://example.org/blog/, or a path',
      baseUrl,
    )
  return baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`
}

async function assertOurs(out: string): Promise<void> {
  if (!existsSync(out)) return
  const foreign = (await readdir(out)).find((name) => !['related.json', 'boxes', 'index.html'].includes(name))
  if (foreign !== undefined)
    throw new InvalidArgumentError(
      'out',
      'a new or empty folder, or one of an earlier run',
      `one that holds ${foreign}`,
    )
}
