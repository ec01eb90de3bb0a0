import type { SourceDocument } from '../../spec/collection.ts'
import { lineIndex } from '../line-index.ts'
import { noMetadata, type ReadSource } from '../read-source.ts'

/** A plain text file is one document, as it stands. */
export function readText(text: string, source: ReadSource): SourceDocument[] {
  return [
    {
      id: source.id,
      kind: 'file',
      format: 'text',
      title: undefined,
      text,
      metadata: noMetadata,
      file: source.file,
      lineAt: lineIndex(text),
    },
  ]
}
