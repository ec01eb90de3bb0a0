import { createHash } from 'node:crypto'

/** Digest of every number in a result, wherever it lies: equal digests are equal bytes. Functions are left out. */
export function digestOf(result: unknown): string {
  const hash = createHash('sha256')
  for (const part of numbersIn(result)) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return hash.digest('hex')
}

/** The typed arrays of a result, plain numbers as arrays of one. */
export function* numbersIn(value: unknown): Generator<Float32Array | Float64Array | Int32Array | Uint8Array> {
  if (typeof value === 'number') yield Float64Array.of(value)
  else if (
    value instanceof Float32Array ||
    value instanceof Float64Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array
  )
    yield value
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* numbersIn(part)
}
