import { InvalidArgumentError, InvalidVectorError, UnsupportedError } from '../../spec/errors.ts'
import { assertMetadata } from '../../spec/filter.ts'
import { assertFinite, type Matrix } from '../../spec/matrix.ts'
import { assertSamePassport, type Passport } from '../../spec/passport.ts'
import type { WriteBatch } from '../../spec/store.ts'
import { keepsNul } from './connection.ts'

/**
 * The door of `write`: nothing reaches the file that could not be read back exactly.
 *
 * @throws {InvalidArgumentError} when ids repeat, texts are not well-formed Unicode, metadata is not metadata, or there
 *   is not one vector for each passage that has one.
 */
export function assertBatch(batch: WriteBatch, passport: Passport, place: string): void {
  const ids = new Set<string>()
  let vectors = 0
  for (const source of batch.put) {
    if (ids.has(source.id)) throw new InvalidArgumentError('batch.put', 'each id once', source.id)
    ids.add(source.id)
    assertText(source.id, 'id of a source')
    assertText(source.title ?? '', `title of source ${source.id}`)
    assertMetadata(source.metadata, `metadata of source ${source.id}`)
    for (const [field, value] of Object.entries(source.metadata))
      for (const text of [field, ...(Array.isArray(value) ? value : [value])])
        if (typeof text === 'string') assertText(text, `metadata of source ${source.id}`)
    for (const passage of source.passages) {
      assertText(passage.text, `text of source ${source.id}`)
      if (passage.hasVector) vectors++
      for (const heading of passage.headings) assertText(heading, `headings of source ${source.id}`)
    }
  }
  for (const { path, settings } of batch.files ?? []) {
    assertText(path, 'path of a file')
    assertText(settings, 'settings of a file')
  }
  if (batch.vectors.rows !== vectors)
    throw new InvalidArgumentError(
      'batch.vectors',
      `${vectors} rows, one a passage that has a vector`,
      batch.vectors.rows,
    )
  if (vectors > 0) assertVectors(batch.vectors, passport, place)
}

/**
 * @throws {PassportMismatchError} when another model made them.
 * @throws {InvalidVectorError} when their length is not the collection's, or a value is not finite (names the row).
 */
export function assertVectors(vectors: Matrix, passport: Passport, place: string): void {
  if (vectors.passport !== undefined) assertSamePassport(passport, vectors.passport, place)
  if (vectors.columns !== passport.dimensions)
    throw new InvalidVectorError(place, `vectors of ${passport.dimensions} dimensions`, `${vectors.columns}`, {
      remedy: 'Embed with the model of this collection, or open another.',
    })
  if (vectors.data.length !== vectors.rows * vectors.columns)
    throw new InvalidVectorError(place, `${vectors.rows} × ${vectors.columns} values`, `${vectors.data.length}`)
  assertFinite(vectors)
}

function assertText(text: string, what: string): void {
  if (!text.isWellFormed())
    throw new InvalidArgumentError(what, 'well-formed Unicode', 'a lone surrogate', 'Mend it: text.toWellFormed().')
  if (text.includes('\0') && !keepsNul())
    throw new UnsupportedError(what, 'no NUL characters with this Node', 'one', 'Leave them out, or use Node 24.')
}
