import type { SourceDocument } from '../../spec/collection.ts'
import { languageOf } from '../formats.ts'
import { lineIndex } from '../line-index.ts'
import { newMetadata, type ReadSource } from '../read-source.ts'

/** A source file is one document, as it stands; its language by the file's name is metadata `language`. */
export function readCode(text: string, source: ReadSource, language = languageOf(source.path)): SourceDocument[] {
  const metadata = newMetadata()
  if (language !== undefined) metadata['language'] = language
  return [
    {
      id: source.id,
      kind: 'file',
      format: 'code',
      title: undefined,
      text,
      metadata,
      file: source.file,
      lineAt: lineIndex(text),
    },
  ]
}
