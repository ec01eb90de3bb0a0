import { htmlPage } from '../analyses/picture/html-page.ts'
import { escapeXml } from '../analyses/picture/svg.ts'
import type { RelatedItem, RelatedItems } from '../spec/related.ts'

export interface BoxOptions {
  /** Heading of a box. @default 'Related articles' */
  readonly heading?: string | undefined
  /** Address of a page from its id. @default the id, each part percent-encoded */
  readonly linkOf?: ((id: string) => string) | undefined
}

const defaultHeading = 'Related articles'

/** A box to put into a page: a labelled list of links, without style or script; texts are escaped. */
export function relatedBox(
  page: RelatedItems['items'][number],
  { heading = defaultHeading, linkOf = encodedPath }: BoxOptions = {},
): string {
  const label = `related-${slugOf(page.id)}`
  const links = page.related.map(
    ({ id, title }) => `    <li><a href="${escapeXml(linkOf(id))}">${escapeXml(title ?? id)}</a></li>`,
  )
  const list = links.length > 0 ? ['  <ul>', ...links, '  </ul>'] : ['  <p>None yet.</p>']
  return [
    `<aside class="related" aria-labelledby="${label}">`,
    `  <h2 id="${label}">${escapeXml(heading)}</h2>`,
    ...list,
    '</aside>\n',
  ].join('\n')
}

/** A path as it may stand in a link: nothing in it is taken for a scheme, a query or a fragment. */
export function encodedPath(id: string): string {
  return id.toWellFormed().split('/').map(encodeURIComponent).join('/')
}

/** Name of a box's file inside the folder of boxes: as the id, and never outside. */
export function boxPath(id: string): string {
  const parts = id
    .toWellFormed()
    .split(/[/\\]/)
    .filter((part) => part !== '')
    .map((part) => (/^\.+$/.test(part) ? '_' : encodeURIComponent(part).replaceAll('*', '%2A').slice(0, 200)))
  return `${parts.join('/') || '_'}.html`
}

function slugOf(id: string): string {
  return encodeURIComponent(id.toWellFormed())
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

const style = `
:root { font: 15px/1.45 system-ui, sans-serif; color: #1f2328; color-scheme: light; }
body { max-width: 1200px; margin: 0 auto; padding: 16px 24px 64px; background: #fff; }
h1 { font-size: 24px; margin: 8px 0; }
p { max-width: 75ch; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: 10px 12px; border-bottom: 1px solid #d8dee4; overflow-wrap: anywhere; }
thead th { position: sticky; top: 0; background: #f6f8fa; }
tbody th { font-weight: 600; }
ol { margin: 0; padding-left: 1.4em; }
a { color: #0550ae; }
mark { background: #fff3bf; color: inherit; }
small { color: #57606a; font-weight: 400; }
`

/** One page that shows the lists of every item side by side: those written, by meaning alone, by words alone. */
export function comparisonPage(related: RelatedItems, options: BoxOptions & { readonly title: string }): string {
  const { linkOf = encodedPath, title } = options
  const list = (items: readonly RelatedItem[], others: readonly RelatedItem[]) =>
    `<ol>${items
      .map(({ id, title }) => {
        const link = `<a href="${escapeXml(linkOf(id))}">${escapeXml(title ?? id)}</a>`
        return `<li>${others.some((other) => other.id === id) ? `<mark>${link}</mark>` : link}</li>`
      })
      .join('')}</ol>`
  const rows = related.items.map(
    (page) =>
      `<tr><th scope="row">${escapeXml(page.title ?? page.id)}<br><small>${escapeXml(page.id)}</small></th><td>${list(page.related, [])}</td><td>${list(page.byMeaning, page.byWords)}</td><td>${list(page.byWords, page.byMeaning)}</td></tr>`,
  )
  const body = `<h1>${escapeXml(title)}</h1>
<p>${related.items.length.toLocaleString('en')} pages. What words alone and meaning alone have in common is marked: ${Math.round(100 * related.overlap)} % of the lists.</p>
<table>
<thead><tr><th scope="col">Page</th><th scope="col">Related (as written)</th><th scope="col">By meaning alone</th><th scope="col">By words alone</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`
  return htmlPage({ title, style, body })
}
