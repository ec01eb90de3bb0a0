import { UnreadableInputError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import { type Passport, passportFields } from '../spec/passport.ts'

/** A matrix in a JSON document: exact values, a third longer than the bytes. */
export interface MatrixJson {
  readonly rows: number
  readonly columns: number
  /** Little-endian float32 values in base64. */
  readonly float32: string
}

export function matrixToJson({ data, rows, columns }: Matrix): MatrixJson {
  const bytes = Buffer.alloc(data.length * 4)
  for (const [i, value] of data.entries()) bytes.writeFloatLE(value, i * 4)
  return { rows, columns, float32: bytes.toString('base64') }
}

/** @throws {UnreadableInputError} naming `place`, when the value is no such matrix or a number in it is not finite. */
export function matrixFromJson(value: unknown, place: string, passport: Passport | undefined): Matrix {
  const { rows, columns, float32 } = (value ?? {}) as Partial<MatrixJson>
  if (!isCount(rows) || !isCount(columns) || typeof float32 !== 'string')
    throw new UnreadableInputError(place, 'a matrix of rows, columns and float32', JSON.stringify(value)?.slice(0, 60))
  const bytes = Buffer.from(float32, 'base64')
  if (bytes.length !== rows * columns * 4)
    throw new UnreadableInputError(place, `${rows * columns * 4} bytes of float32`, `${bytes.length}`)
  const data = Float32Array.from({ length: rows * columns }, (_, i) => bytes.readFloatLE(i * 4))
  if (!data.every(Number.isFinite)) throw new UnreadableInputError(place, 'finite numbers', 'others')
  return createMatrix(rows, columns, data, passport)
}

/**
 * The document a saved analysis is: its format and version, and the passport of the vectors it was made from.
 *
 * @param remedy - How to make one, for whoever gives another file.
 * @throws {UnreadableInputError} naming `place`, when the text is no JSON, another format, or a newer version.
 */
export function readDocument(
  text: string,
  expected: { readonly format: string; readonly version: number },
  place: string,
  remedy: string,
): { readonly body: Record<string, unknown>; readonly passport: Passport | undefined } {
  let body: Record<string, unknown>
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new UnreadableInputError(place, 'JSON', 'other text', { cause: error, remedy })
  }
  if (typeof body !== 'object' || body === null || body['format'] !== expected.format)
    throw new UnreadableInputError(place, `a document of format ${expected.format}`, `${shown(body)}`, { remedy })
  if (body['version'] !== expected.version)
    throw new UnreadableInputError(place, `version ${expected.version}`, `${shown(body['version'])}`)
  const passport = body['passport'] ?? undefined
  if (passport !== undefined && !isPassport(passport))
    throw new UnreadableInputError(place, 'a passport with every field', 'another')
  return { body, passport }
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return String((value as { format?: unknown }).format ?? 'an object')
  return String(value)
}

function isPassport(value: unknown): value is Passport {
  return typeof value === 'object' && value !== null && passportFields.every((field) => field in value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
