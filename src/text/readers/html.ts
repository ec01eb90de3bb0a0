import type { SourceDocument } from '../../spec/collection.ts'
import type { Metadata } from '../../spec/filter.ts'
import { mainElements } from '../html-main.ts'
import { mainText } from '../html-text.ts'
import { findElements, type HtmlElement, parseHtml, textOf } from '../html-tree.ts'
import { newMetadata, type ReadSource, skipSource } from '../read-source.ts'

/**
 * An HTML page is one document: the words of its main part, without menus, headers, footers and forms. The title is the
 * only `h1`, else the `title`; description, author, date, keywords and language become metadata.
 */
export function readHtml(html: string, source: ReadSource): SourceDocument[] {
  const root = parseHtml(html, source.path)
  const elements = mainElements(root)
  let { text, lineAt } = mainText(html, elements)
  // A page that is nothing but links still says something.
  if (text === '') ({ text, lineAt } = mainText(html, [root], true))
  if (text.trim() === '') {
    skipSource(source, 'a page with words', 'none')
    return []
  }
  return [
    {
      id: source.id,
      kind: 'file',
      format: 'html',
      title: titleOf(root, elements),
      text,
      metadata: metadataOf(root),
      file: source.file,
      lineAt,
    },
  ]
}

function titleOf(root: HtmlElement, elements: readonly HtmlElement[]): string | undefined {
  const isH1 = ({ name }: HtmlElement) => name === 'h1'
  const headings = elements.flatMap((element) => findElements(element, isH1))
  const all = headings.length > 0 ? headings : findElements(root, isH1)
  const [only] = all
  const titled = only !== undefined && all.length === 1 ? textOf(only) : ''
  if (titled !== '') return titled
  const [title] = findElements(root, ({ name, parent }) => name === 'title' && parent?.name !== 'svg')
  const text = title === undefined ? '' : textOf(title)
  return text === '' ? undefined : text
}

const metaNames: Readonly<Record<string, string>> = {
  description: 'description',
  author: 'author',
  date: 'date',
  'article:published_time': 'date',
  keywords: 'keywords',
}

function metadataOf(root: HtmlElement): Metadata {
  const metadata = newMetadata()
  const language = findElements(root, ({ name }) => name === 'html')[0]?.attributes['lang']?.trim()
  if (language) metadata['language'] = language
  for (const { attributes } of findElements(root, ({ name }) => name === 'meta')) {
    const key = (attributes['name'] ?? attributes['property'] ?? '').toLowerCase()
    const content = attributes['content']?.trim() ?? ''
    if (!Object.hasOwn(metaNames, key) || content === '') continue
    const name = metaNames[key] as string
    metadata[name] ??=
      name === 'keywords'
        ? content
            .split(',')
            .map((word) => word.trim())
            .filter((word) => word !== '')
        : content
  }
  return metadata
}
