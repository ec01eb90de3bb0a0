import { mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptDataError } from '../../spec/errors.ts'
import { rowOf } from '../../spec/matrix.ts'
import type { EmbeddingModel } from '../../spec/model.ts'
import { digestOf } from '../model-files.ts'

/** Texts embedded and written at a time: what an interruption can cost. */
const chunkTexts = 2048

/** The teacher's unit vectors, a byte a value: `value = codes[i] · scales[row]`. Cosine to the float32 row ≥ 0.9999. */
export interface TeacherVectors {
  readonly codes: Int8Array
  readonly scales: Float32Array
  readonly rows: number
  readonly columns: number
}

/**
 * Embed `texts` with the teacher, keeping what is done in `folder`: a run that was stopped goes on where it was.
 *
 * The file's name holds the digests of teacher and texts, so other texts or another teacher never meet its rows.
 *
 * @returns a row for each text.
 */
export async function teacherVectors(
  teacher: EmbeddingModel,
  texts: readonly string[],
  options: {
    folder: string
    signal?: AbortSignal | undefined
    onProgress?: ((done: number, total: number) => void) | undefined
  },
): Promise<TeacherVectors> {
  const { dimensions } = teacher.passport
  const recordBytes = dimensions + 4
  const total = texts.length
  const name = digestOf(JSON.stringify(teacher.passport), texts.join('\n')).slice(0, 32)
  await mkdir(options.folder, { recursive: true })
  const file = await open(join(options.folder, `${name}.teacher`), 'a+')
  try {
    let done = Math.floor((await file.stat()).size / recordBytes)
    // A torn last record is what a crash leaves; writing starts over at the last whole one.
    if (done < total) await file.truncate(done * recordBytes)
    while (done < total) {
      options.signal?.throwIfAborted()
      const chunk = texts.slice(done, Math.min(total, done + chunkTexts))
      const { vectors } = await teacher.embed(chunk, { task: 'similarity', signal: options.signal })
      const records = Buffer.alloc(chunk.length * recordBytes)
      for (let row = 0; row < chunk.length; row++) writeRecord(rowOf(vectors, row), records, row * recordBytes)
      await file.appendFile(records)
      await file.datasync()
      done += chunk.length
      options.onProgress?.(done, total)
    }
    return await readRecords(join(options.folder, `${name}.teacher`), total, dimensions)
  } finally {
    await file.close()
  }
}

/** Rows of several in one, in order. */
export function joinTeacherVectors(parts: readonly TeacherVectors[]): TeacherVectors {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const columns = parts[0]?.columns ?? 0
  const joined = { codes: new Int8Array(rows * columns), scales: new Float32Array(rows), rows, columns }
  let at = 0
  for (const part of parts) {
    joined.codes.set(part.codes, at * columns)
    joined.scales.set(part.scales, at)
    at += part.rows
  }
  return joined
}

/** Vectors of the rows that are done, without embedding any. */
async function readRecords(path: string, rows: number, columns: number): Promise<TeacherVectors> {
  const recordBytes = columns + 4
  const size = (await stat(path)).size
  if (size < rows * recordBytes) throw new CorruptDataError(path, `${rows * recordBytes} bytes`, `${size}`)
  const codes = new Int8Array(rows * columns)
  const scales = new Float32Array(rows)
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(recordBytes * 8192)
    for (let row = 0; row < rows; ) {
      const count = Math.min(8192, rows - row)
      await file.read(buffer, 0, count * recordBytes, row * recordBytes)
      for (let i = 0; i < count; i++, row++) {
        scales[row] = buffer.readFloatLE(i * recordBytes)
        codes.set(new Int8Array(buffer.buffer, buffer.byteOffset + i * recordBytes + 4, columns), row * columns)
      }
    }
  } finally {
    await file.close()
  }
  return { codes, scales, rows, columns }
}

function writeRecord(vector: Float32Array, into: Buffer, at: number): void {
  let largest = 0
  for (const value of vector) largest = Math.max(largest, Math.abs(value))
  const scale = largest / 127
  into.writeFloatLE(scale, at)
  for (let i = 0; i < vector.length; i++) into.writeInt8(Math.round((vector[i] as number) / scale), at + 4 + i)
}
