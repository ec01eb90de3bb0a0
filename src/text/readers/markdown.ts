import type { SourceDocument } from '../../spec/collection.ts'
import { soleTitle } from '../blocks/markdown.ts'
import { parseFrontMatter } from '../front-matter.ts'
import { countLineBreaks, lineIndex } from '../line-index.ts'
import { plainMarkdown } from '../markdown-inline.ts'
import type { ReadSource } from '../read-source.ts'

/**
 * A Markdown file is one document: the body as it stands below the front matter, which becomes title and metadata.
 * Without a title there, the only heading of level 1 is the title.
 */
export function readMarkdown(text: string, source: ReadSource): SourceDocument[] {
  const { fields, bodyStart, remarks } = parseFrontMatter(text)
  for (const message of remarks) source.onNotice?.({ kind: 'note', source: source.id, message })
  const { title, ...metadata } = fields
  const body = text.slice(bodyStart)
  const named = title === undefined || title === null ? '' : plainMarkdown(String(title))
  return [
    {
      id: source.id,
      kind: 'file',
      format: 'markdown',
      title: named === '' ? soleTitle(body) : named,
      text: body,
      metadata: Object.assign(Object.create(null), metadata),
      file: source.file,
      lineAt: lineIndex(body, 1 + countLineBreaks(text, bodyStart)),
    },
  ]
}
