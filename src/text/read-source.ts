import type { Notice, SourceFile } from '../spec/collection.ts'
import { UnreadableInputError } from '../spec/errors.ts'
import type { Metadata, MetadataValue } from '../spec/filter.ts'

/** What every reader is told of the file, stream or cell it reads. */
export interface ReadSource {
  /** Shown in messages: the path, or the name of a stream. */
  readonly path: string
  /** Id of the document, or what its rows' ids begin with. */
  readonly id: string
  readonly file: SourceFile | undefined
  /** What cannot be read of it is an error, not a notice. */
  readonly isNamed: boolean
  readonly textFields?: readonly string[] | undefined
  readonly idField?: string | false | undefined
  readonly onNotice?: ((notice: Notice) => void) | undefined
}

/** Say that a source gives nothing: a notice where it was met in a folder, an error where it was named. */
export function skipSource(source: ReadSource, expected: string, got: string): void {
  if (source.isNamed) throw new UnreadableInputError(source.path, expected, got)
  source.onNotice?.({ kind: 'skipped-file', source: source.id, message: `expected ${expected}, got ${got}.` })
}

/** Metadata under construction: without a prototype, so that no key means more than a key. */
export function newMetadata(): Record<string, MetadataValue> {
  return Object.create(null) as Record<string, MetadataValue>
}

export const noMetadata: Metadata = Object.freeze(newMetadata())
