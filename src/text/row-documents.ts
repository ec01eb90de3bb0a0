import type { SourceDocument } from '../spec/collection.ts'
import { describe, InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'
import type { MetadataValue } from '../spec/filter.ts'
import { inferFields, type RowFields } from './infer-fields.ts'
import { newMetadata, type ReadSource, skipSource } from './read-source.ts'
import { assertId } from './record.ts'

export interface Row {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number
  /** Its place among the rows that begin on that line, from 2; absent for the first. */
  readonly within?: number
  /** Own properties only; a row may also be a bare text. */
  readonly value: Readonly<Record<string, unknown>> | string
}

const sampleRows = 100
const sampleCharacters = 1 << 20
const remedy = 'Name them with textFields (--text-fields).'
const idRemedy =
  'Name another with idField (--id-field), or none with false (--no-id-field): then file and line name a row.'

interface ChosenFields extends RowFields {
  readonly id: string | undefined
}

/**
 * Documents of a table's rows, one a row: the text from `textFields` or inferred (which a notice says), everything else
 * metadata. The id is the value of `idField`, or of a field `id` that all of the first rows have, each its own; else
 * `<file>:<line>` (`<file>:<line>:<n>` for the n-th row of a line). A row without text is left out with a notice.
 *
 * @throws {InvalidArgumentError} when no row has a field that was asked for.
 * @throws {UnreadableInputError} naming the row whose id or text cannot be kept.
 */
export async function* rowDocuments(
  rows: AsyncIterable<Row> | Iterable<Row>,
  source: ReadSource,
): AsyncGenerator<SourceDocument> {
  let sample: Row[] | undefined = []
  let characters = 0
  let reader: RowReader | undefined
  let given = 0
  for await (const row of rows) {
    if (sample !== undefined) {
      sample.push(row)
      characters += sizeOf(row)
      if (sample.length < sampleRows && characters < sampleCharacters) continue
      reader = new RowReader(chooseFields(sample, source), source)
      for (const sampled of sample) {
        const document = reader.read(sampled)
        if (document !== undefined) yield document
        given++
      }
      sample = undefined
      continue
    }
    const document = reader?.read(row)
    if (document !== undefined) yield document
    given++
  }
  if (sample !== undefined && sample.length > 0) {
    reader = new RowReader(chooseFields(sample, source), source)
    for (const row of sample) {
      const document = reader.read(row)
      if (document !== undefined) yield document
    }
    given = sample.length
  }
  if (given === 0) skipSource(source, 'rows with text', 'none')
}

function sizeOf({ value }: Row): number {
  if (typeof value === 'string') return value.length
  let size = 0
  for (const cell of Object.values(value)) size += typeof cell === 'string' ? cell.length : 8
  return size
}

function chooseFields(sample: readonly Row[], source: ReadSource): ChosenFields {
  const objects = sample.flatMap(({ value }) => (typeof value === 'string' ? [] : [value]))
  const names = new Set(objects.flatMap((value) => Object.keys(value)))
  const listed = [...names]
    .slice(0, 20)
    .map((name) => `\`${name}\``)
    .join(', ')
  const { textFields, idField } = source
  for (const [option, field] of [...(textFields ?? []).map((name) => ['textFields', name]), ['idField', idField]])
    if (typeof field === 'string' && !names.has(field))
      throw new InvalidArgumentError(`options.${option}`, `a field of ${source.path} (${listed})`, field)
  const id = idField === false ? undefined : (idField ?? inferId(sample))
  const isIdInferred = id !== undefined && idField === undefined
  if (textFields !== undefined && textFields.length > 0) {
    const rest = objects.map((value) =>
      Object.fromEntries(Object.entries(value).filter(([key]) => !textFields.includes(key))),
    )
    if (isIdInferred)
      source.onNotice?.({
        kind: 'inferred-fields',
        source: source.id,
        message: `rows are named by their field \`${id}\`. ${idRemedy}`,
      })
    return { text: textFields, title: inferTitle(rest), id }
  }
  if (objects.length === 0) return { text: [], title: undefined, id }
  const inferred = inferFields(objects)
  if (inferred === undefined)
    throw new UnreadableInputError(
      source.path,
      'rows with a field of text',
      listed === '' ? 'rows without fields' : `only empty texts, numbers or other values in ${listed}`,
      {
        line: sample[0]?.line,
        remedy,
      },
    )
  source.onNotice?.({
    kind: 'inferred-fields',
    source: source.id,
    message: inferenceMessage(inferred, names, isIdInferred ? id : undefined),
  })
  return { ...inferred, id }
}

/** A field `id` by which every one of the first rows can be told from the others. */
function inferId(sample: readonly Row[]): string | undefined {
  const [first] = sample
  if (first === undefined || typeof first.value === 'string') return undefined
  const names = Object.keys(first.value).filter((name) => name.trim().toLowerCase() === 'id')
  return names.find((name) => {
    const ids = sample.flatMap(({ value }) => {
      const id = typeof value === 'string' || !Object.hasOwn(value, name) ? undefined : value[name]
      return Number.isSafeInteger(id) || (typeof id === 'string' && id.trim() !== '') ? [String(id)] : []
    })
    return ids.length === sample.length && new Set(ids).size === ids.length
  })
}

function inferTitle(rows: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  return inferFields(rows.map((row) => ({ text: '.', ...row })))?.title
}

function inferenceMessage({ text, title }: RowFields, names: ReadonlySet<string>, id: string | undefined): string {
  const quoted = (list: readonly string[]) => list.map((name) => `\`${name}\``).join(', ')
  const others = [...names].filter((name) => !text.includes(name) && name !== title && name !== id)
  const titled = title === undefined ? '' : `, the title from \`${title}\``
  const rest = others.length === 0 ? '' : `; metadata: ${quoted(others.slice(0, 20))}`
  const named = id === undefined ? '' : `, the id from \`${id}\``
  const otherId = id === undefined ? '' : ' Another id, or none: idField (--id-field, --no-id-field).'
  return `the text is taken from ${quoted(text)}${titled}${named}${rest}. Other fields? ${remedy}${otherId}`
}

/** Turns rows into documents, and says once a field what it had to make of it. */
class RowReader {
  readonly #fields: ChosenFields
  readonly #source: ReadSource
  readonly #told = new Set<string>()

  constructor(fields: ChosenFields, source: ReadSource) {
    this.#fields = fields
    this.#source = source
  }

  read({ line, within, value }: Row): SourceDocument | undefined {
    const row = typeof value === 'string' ? { text: value } : value
    const fields = typeof value === 'string' ? { text: ['text'], title: undefined } : this.#fields
    const parts = fields.text.map((name) => this.#textOf(row, name, line)).filter((part) => part.trim() !== '')
    const titled = fields.title === undefined ? '' : this.#textOf(row, fields.title, line).trim()
    // A row that has but a title is about what the title says.
    const text = parts.length > 0 ? parts.join('\n\n') : titled
    if (text === '') {
      this.#note(
        `row on line ${line}: no text in ${fields.text.map((name) => `\`${name}\``).join(', ')}; it is left out.`,
      )
      return undefined
    }
    if (!text.isWellFormed()) throw this.#bad(line, 'well-formed Unicode', 'half a surrogate pair')
    return {
      id: this.#idOf(row, within === undefined ? `${line}` : `${line}:${within}`, line),
      kind: 'row',
      format: 'record',
      title: titled === '' || parts.length === 0 ? undefined : titled,
      text,
      metadata: this.#metadataOf(row, fields, line),
      file: this.#source.file,
      lineAt: () => line,
    }
  }

  #textOf(row: Readonly<Record<string, unknown>>, name: string, line: number): string {
    const value = Object.hasOwn(row, name) ? row[name] : undefined
    if (value === undefined || value === null) return ''
    if (typeof value === 'string') return value
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join('\n')
    if (typeof value === 'object') throw this.#bad(line, `text in \`${name}\``, describe(value))
    return String(value)
  }

  #idOf(row: Readonly<Record<string, unknown>>, place: string, line: number): string {
    const { id, path } = this.#source
    const field = this.#fields.id
    if (field === undefined) return `${id}:${place}`
    const value = Object.hasOwn(row, field) ? row[field] : undefined
    if ((typeof value !== 'string' || value === '') && typeof value !== 'number')
      throw this.#bad(line, `an id in \`${field}\``, describe(value), idRemedy)
    const named = String(value)
    assertId(named, `${path}:${line} ${field}`)
    return named
  }

  #metadataOf(row: Readonly<Record<string, unknown>>, fields: RowFields, line: number): Record<string, MetadataValue> {
    const metadata = newMetadata()
    for (const [key, value] of Object.entries(row)) {
      if (key === fields.title || fields.text.includes(key)) continue
      // Records as we export them keep their metadata in a field of that name.
      if (key === 'metadata' && typeof value === 'object' && value !== null && !Array.isArray(value))
        for (const [inner, innerValue] of Object.entries(value)) this.#put(metadata, inner, innerValue, line)
      else this.#put(metadata, key, value, line)
    }
    return metadata
  }

  #put(metadata: Record<string, MetadataValue>, key: string, value: unknown, line: number): void {
    if (value === undefined) return
    const kept = isScalar(value) || value === null || (Array.isArray(value) && value.every(isScalar))
    const flat = kept ? (value as MetadataValue) : (JSON.stringify(value) ?? String(value))
    if (!kept && !this.#told.has(key)) {
      this.#told.add(key)
      this.#note(`field \`${key}\` (first on line ${line}) is nested or no finite number; it is kept as JSON text.`)
    }
    if (!key.isWellFormed() || !(Array.isArray(flat) ? flat : [flat]).every((item) => String(item).isWellFormed()))
      throw this.#bad(line, `well-formed Unicode in ${describe(key)}`, 'half a surrogate pair')
    metadata[key] = flat
  }

  #note(message: string): void {
    this.#source.onNotice?.({ kind: 'note', source: this.#source.id, message })
  }

  #bad(line: number, expected: string, got: string, remedy?: string): UnreadableInputError {
    return new UnreadableInputError(this.#source.path, expected, got, {
      line,
      ...(remedy === undefined ? {} : { remedy }),
    })
  }
}

function isScalar(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  )
}
