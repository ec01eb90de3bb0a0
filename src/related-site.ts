import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { boxPath, comparisonPage, encodedPath, relatedBox } from './core/related-boxes.ts'
import { open } from './open.ts'
import type { Notice } from './spec/collection.ts'
import { InvalidArgumentError, NotFoundError } from './spec/errors.ts'
import type { EmbeddingModel } from './spec/model.ts'
import type { CollectionRelatedOptions, RelatedItems } from './spec/related.ts'

export interface RelatedSiteOptions extends Omit<CollectionRelatedOptions, 'filter'> {
  readonly model?: string | EmbeddingModel | undefined
  /** Heading of a box. @default 'Related articles' */
  readonly heading?: string | undefined
  /** Put before the path of a page in links; `http:`, `https:` or a path. @default links are paths relative to the site */
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
 * @param site - A folder of Markdown, HTML or text.
 * @param out - A folder that is not there yet, is empty, or holds what an earlier run wrote.
 * @throws {NotFoundError} when there is no such folder.
 * @throws {InvalidArgumentError} for fewer than two pages, a folder with other files in it, or an option out of range.
 *
 * Cost: embedding the pages and the neighbours of all; seconds for a thousand pages with the starter.
 */
export async function writeRelated(site: string, out: string, options: RelatedSiteOptions = {}): Promise<RelatedSite> {
  const { model, heading, baseUrl, ...rest } = options
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(site))
    throw new InvalidArgumentError('site', 'a folder', site, 'Copy the pages to a folder first.')
  if (!statSync(site, { throwIfNoEntry: false })?.isDirectory()) throw new NotFoundError('folder of pages', site)
  const base = checkedBase(baseUrl)
  await assertOurs(out)
  const collection = await open(':memory:', model === undefined ? {} : { model })
  try {
    const { notices } = await collection.add(site, { signal: rest.signal })
    const related = await collection.related(rest)
    const linkOf = (id: string) => `${base}${encodedPath(id)}`
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
    const skipped = notices.filter(({ kind }) => kind === 'skipped-file' || kind === 'no-vector')
    return { related, files: related.items.length + 2, skipped }
  } finally {
    await collection.close()
  }
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
