import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ImportReport } from '../spec/collection.ts'
import { InvalidArgumentError, NotFoundError, UnreadableInputError, VecinoError } from '../spec/errors.ts'
import { assertMetadata, type Metadata } from '../spec/filter.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { assertSamePassport, type Passport, passportFields } from '../spec/passport.ts'
import type { KeptPassage, Store, StoredSource } from '../spec/store.ts'
import { type ExportedPassage, exportVersion, passagesFile, passportFile, vectorsFile } from './export.ts'
import { assertVectors } from './gate.ts'
import { longestHeader, type NpyLayout, npyLayout } from './npy.ts'

const batchPassages = 1000

/**
 * Add what `exportCollection` wrote. Passport, counts, shapes, spans and every vector are checked in a first pass; the
 * second writes, in durable batches. Sources of ids that are there already are put in their place.
 *
 * @throws {PassportMismatchError} when another model made the vectors.
 * @throws {UnreadableInputError} naming file and line (or row) of what is not as `export` writes it.
 * @throws {InvalidVectorError} for a vector that no search may use.
 *
 * Cost: two reads of the files; memory for a batch of 1,000 passages.
 */
export async function importCollection(
  store: Store,
  folder: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ImportReport> {
  if (typeof folder !== 'string' || folder === '') throw new InvalidArgumentError('folder', 'a path', folder)
  const manifest = await readManifest(join(folder, passportFile))
  assertSamePassport(store.passport, manifest.passport, folder)
  const path = join(folder, vectorsFile)
  const handle = await openThere(path)
  try {
    const layout = await readLayout(handle, path)
    if (layout.columns !== store.passport.dimensions || layout.rows !== manifest.vectors)
      throw new UnreadableInputError(
        path,
        `${manifest.vectors} × ${store.passport.dimensions} values, as ${passportFile} says`,
        `${layout.rows} × ${layout.columns}`,
      )
    const batches = () => readBatches(folder, { handle, layout, passport: store.passport, manifest, signal })
    const ids = new Set<string>()
    for await (const { sources } of batches())
      for (const { id } of sources) {
        if (ids.has(id))
          throw new UnreadableInputError(
            join(folder, passagesFile),
            "a source's passages one after the other",
            `${id} twice`,
          )
        ids.add(id)
      }
    return await store.asWriter(async () => {
      const report = { added: 0, changed: 0, passages: 0 }
      for await (const { sources, vectors } of batches()) {
        signal?.throwIfAborted()
        const before = await store.digestsOf(sources.map(({ id }) => id))
        await store.write({ put: sources, vectors, remove: [] })
        report.changed += before.filter((source) => source !== undefined).length
        report.added += before.filter((source) => source === undefined).length
        report.passages += sources.reduce((sum, source) => sum + source.passages.length, 0)
      }
      return report
    })
  } finally {
    await handle.close()
  }
}

interface Manifest {
  readonly passport: Passport
  readonly passages: number
  readonly vectors: number
}

async function readManifest(path: string): Promise<Manifest> {
  const handle = await openThere(path)
  const text = await handle.readFile('utf8').finally(() => handle.close())
  const parsed = parseObject(text, path, 1)
  if (parsed['format'] !== 'vecino-export' || parsed['version'] !== exportVersion)
    throw new UnreadableInputError(path, `an export of version ${exportVersion}`, 'something else')
  const { passport, passages, vectors } = parsed
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  if (typeof passport !== 'object' || passport === null || !isCount(passages) || !isCount(vectors))
    throw new UnreadableInputError(path, 'a passport and the counts of passages and vectors', 'less')
  const missing = passportFields.find((field) => !Object.hasOwn(passport, field))
  if (missing !== undefined) throw new UnreadableInputError(path, `the passport's ${missing}`, 'none')
  return { passport: passport as Passport, passages: passages as number, vectors: vectors as number }
}

async function readLayout(handle: FileHandle, path: string): Promise<NpyLayout> {
  const { size } = await handle.stat()
  const head = new Uint8Array(Math.min(size, longestHeader + 12))
  await readFully(handle, head, 0, path)
  return npyLayout(head, size, path)
}

interface ImportBatch {
  readonly sources: readonly StoredSource[]
  readonly vectors: Matrix
}

async function* readBatches(
  folder: string,
  {
    handle,
    layout,
    passport,
    manifest,
    signal,
  }: {
    handle: FileHandle
    layout: NpyLayout
    passport: Passport
    manifest: Manifest
    signal: AbortSignal | undefined
  },
): AsyncGenerator<ImportBatch> {
  const path = join(folder, passagesFile)
  let open: OpenSource | undefined
  let sources: OpenSource[] = []
  let row = 0
  let passages = 0
  let line = 0
  const batch = async (): Promise<ImportBatch> => {
    const texts = sources.flatMap((source) =>
      source.passages.filter(({ hasVector }) => hasVector).map(({ text }) => text),
    )
    const bytes = new Uint8Array(texts.length * layout.columns * layout.bytesPerValue)
    const at = layout.dataOffset + (row - texts.length) * layout.columns * layout.bytesPerValue
    await readFully(handle, bytes, at, join(folder, vectorsFile))
    const vectors = createMatrix(texts.length, layout.columns, layout.decode(bytes), passport)
    assertVectors(vectors, texts, passport)
    return { sources, vectors }
  }
  const lines = createInterface({ input: createReadStream(path, { encoding: 'utf8' }), crlfDelay: Infinity })
  try {
    for await (const text of lines) {
      signal?.throwIfAborted()
      line++
      const passage = parsePassage(text, path, line)
      if (open?.id !== passage.source) {
        if (sources.reduce((sum, source) => sum + source.passages.length, 0) >= batchPassages) {
          yield await batch()
          sources = []
        }
        open = openSource(passage)
        sources.push(open)
      }
      if (passage.row !== null && passage.row !== row)
        throw new UnreadableInputError(path, `row ${row}, the next one`, `row ${passage.row}`, { line })
      if (passage.row !== null) row++
      passages++
      append(open, passage, path, line)
    }
  } catch (error) {
    throw VecinoError.isInstance(error) || signal?.aborted === true
      ? error
      : new UnreadableInputError(path, 'a file that can be read', String((error as NodeJS.ErrnoException).code), {
          cause: error,
        })
  } finally {
    lines.close()
  }
  if (passages !== manifest.passages || row !== manifest.vectors)
    throw new UnreadableInputError(
      path,
      `${manifest.passages} passages with ${manifest.vectors} vectors, as ${passportFile} says`,
      `${passages} with ${row}`,
    )
  if (sources.length > 0) yield await batch()
}

interface OpenSource extends StoredSource {
  readonly passages: KeptPassage[]
}

function openSource({ source, title, metadata, digest }: ExportedPassage): OpenSource {
  return {
    id: source,
    kind: 'record',
    title: title ?? undefined,
    digest,
    metadata: metadata as Metadata,
    file: undefined,
    passages: [],
  }
}

/** Passages of a source stand in order and cover its text: the text is rebuilt from them. */
function append(source: OpenSource, passage: ExportedPassage, path: string, line: number): void {
  const covered = source.passages.at(-1)?.end ?? 0
  const { start, end, text, headings, tokens } = passage
  if (start > covered || end < covered || text.length !== end - start)
    throw new UnreadableInputError(
      path,
      `a passage that goes on at ${covered}, as long as its text`,
      `${start} to ${end}`,
      { line },
    )
  source.passages.push({ start, end, text, line: passage.line, headings, tokens, hasVector: passage.row !== null })
}

function parsePassage(text: string, path: string, line: number): ExportedPassage {
  const parsed = parseObject(text, path, line)
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  const isText = (value: unknown) => typeof value === 'string' && value.isWellFormed()
  const checks: Record<keyof ExportedPassage, (value: unknown) => boolean> = {
    id: isText,
    source: (value) => isText(value) && value !== '',
    row: (value) => value === null || isCount(value),
    title: (value) => value === null || isText(value),
    text: (value) => isText(value) && value !== '',
    start: isCount,
    end: isCount,
    line: (value) => isCount(value) && value !== 0,
    headings: (value) => Array.isArray(value) && value.every(isText),
    tokens: isCount,
    metadata: (value) => typeof value === 'object',
    digest: isText,
  }
  for (const [field, isRight] of Object.entries(checks))
    if (!isRight(Object.hasOwn(parsed, field) ? parsed[field] : undefined))
      throw new UnreadableInputError(path, `a passage with its \`${field}\``, 'another value or none', { line })
  assertMetadata(parsed['metadata'], `${path}:${line} metadata`)
  return parsed as unknown as ExportedPassage
}

function parseObject(text: string, path: string, line: number): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new UnreadableInputError(path, 'JSON', 'something else', { line, cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new UnreadableInputError(path, 'a JSON object', 'another value', { line })
  return parsed as Record<string, unknown>
}

async function openThere(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new NotFoundError(
        'file of an export',
        path,
        `An export holds ${vectorsFile}, ${passagesFile} and ${passportFile}.`,
      )
    throw new UnreadableInputError(path, 'a file that can be read', String(code), { cause })
  }
}

async function readFully(handle: FileHandle, into: Uint8Array, position: number, path: string): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) throw new UnreadableInputError(path, 'the bytes its header promises', 'the end of the file')
    done += bytesRead
  }
}
