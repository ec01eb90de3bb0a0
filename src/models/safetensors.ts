import { CorruptDataError } from '../spec/errors.ts'

/** One tensor of a safetensors file, as a view over the file's bytes. */
export interface Tensor {
  readonly dtype: TensorDtype
  readonly shape: readonly number[]
  /** Little-endian values, row-major. */
  readonly bytes: Uint8Array
}

export type TensorDtype = keyof typeof itemBytes

const itemBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const

/** The reference parser's cap. */
const maxHeaderBytes = 100_000_000

/**
 * Read a safetensors file that somebody else may have made: every declared size is checked before it is used.
 *
 * @param bytes - The whole file; tensors are views over it, nothing is copied.
 * @param place - Names the file in errors.
 * @throws {CorruptDataError} for a header over 100 MB or beyond the file, a header that is no JSON object, a name twice,
 *   an unknown dtype, a shape whose size is not its span, spans that overlap, leave holes or end elsewhere than the file.
 *
 * Cost: O(header). Source: the format's specification and the checks of the `safetensors` crate.
 */
export function readSafetensors(
  bytes: Uint8Array,
  place: string,
): { tensors: Map<string, Tensor>; metadata: Record<string, string> } {
  const fail = (expected: string, got: string, cause?: unknown) =>
    new CorruptDataError(place, expected, got, { remedy, cause })
  if (bytes.length < 8) throw fail('a safetensors file of at least 8 bytes', `${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getBigUint64(0, true)
  if (headerBytes > BigInt(maxHeaderBytes)) throw fail(`a header of at most ${maxHeaderBytes} bytes`, `${headerBytes}`)
  const dataStart = 8 + Number(headerBytes)
  if (dataStart > bytes.length) throw fail(`a header within ${bytes.length} bytes`, `one of ${headerBytes}`)
  const text = decodeHeader(bytes.subarray(8, dataStart), fail)
  const header = parseHeader(text, fail)

  const tensors = new Map<string, Tensor>()
  const spans: { name: string; start: number; end: number }[] = []
  let metadata: Record<string, string> = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = readMetadata(entry, fail)
      continue
    }
    const { dtype, shape, start, end } = readEntry(name, entry, fail)
    if (end > bytes.length - dataStart) throw fail(`tensor ${show(name)} within the file`, `an end at ${end}`)
    spans.push({ name, start, end })
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(dataStart + start, dataStart + end) })
  }
  if (countTopLevelKeys(text) !== Object.keys(header).length) throw fail('every tensor name once', 'a name twice')
  spans.sort((a, b) => a.start - b.start || a.end - b.end)
  let at = 0
  for (const { name, start, end } of spans) {
    if (start !== at) throw fail(`tensor ${show(name)} to start at ${at}`, `${start}`)
    at = end
  }
  if (at !== bytes.length - dataStart) throw fail(`tensors up to the last byte (${bytes.length - dataStart})`, `${at}`)
  return { tensors, metadata }
}

/** The bytes of a safetensors file holding `tensors` in the order given; the header is padded so that data is 8-byte aligned. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata }
  let at = 0
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] }
    at += bytes.length
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + padded + at)
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true)
  file.fill(0x20, 8, 8 + padded)
  file.set(json, 8)
  let offset = 8 + padded
  for (const { bytes } of tensors.values()) {
    file.set(bytes, offset)
    offset += bytes.length
  }
  return file
}

/** Values of a floating or small integer tensor as float32, copied. */
export function toFloat32(tensor: Tensor, place: string): Float32Array {
  const { bytes, dtype } = tensor
  // A Buffer's own `slice` is a view.
  const aligned = Uint8Array.from(bytes).buffer
  if (dtype === 'F32') return new Float32Array(aligned)
  if (dtype === 'F64') return Float32Array.from(new Float64Array(aligned))
  if (dtype === 'I8') return Float32Array.from(new Int8Array(aligned))
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(aligned), halfToFloat)
  if (dtype === 'BF16') {
    const words = Uint32Array.from(new Uint16Array(aligned), (half) => half << 16)
    return new Float32Array(words.buffer)
  }
  throw new CorruptDataError(place, 'values of F32, F64, F16, BF16 or I8', dtype, { remedy })
}

/** Values of an integer tensor as int32, copied. */
export function toInt32(tensor: Tensor, place: string): Int32Array {
  const aligned = Uint8Array.from(tensor.bytes).buffer
  if (tensor.dtype === 'I32') return new Int32Array(aligned)
  if (tensor.dtype === 'I64') {
    return Int32Array.from(new BigInt64Array(aligned), (value) => {
      if (value < -2147483648n || value > 2147483647n)
        throw new CorruptDataError(place, 'integers within 32 bits', `${value}`, { remedy })
      return Number(value)
    })
  }
  throw new CorruptDataError(place, 'values of I32 or I64', tensor.dtype, { remedy })
}

export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

type Fail = (expected: string, got: string, cause?: unknown) => CorruptDataError

const remedy = 'Take the file from its source again.'

function show(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name)
}

function decodeHeader(bytes: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw fail('a header in UTF-8', 'other bytes', cause)
  }
}

function parseHeader(text: string, fail: Fail): Record<string, unknown> {
  if (text[0] !== '{') throw fail('a header that begins with {', 'another character')
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw fail('a header that is JSON', 'another text', cause)
  }
  return header as Record<string, unknown>
}

function readMetadata(entry: unknown, fail: Fail): Record<string, string> {
  const isText =
    typeof entry === 'object' &&
    entry !== null &&
    !Array.isArray(entry) &&
    Object.values(entry).every((value) => typeof value === 'string')
  if (!isText) throw fail('__metadata__ to be text by name', 'another value')
  return entry as Record<string, string>
}

function readEntry(name: string, entry: unknown, fail: Fail) {
  if (typeof entry !== 'object' || entry === null) throw fail(`tensor ${show(name)} to be an object`, typeof entry)
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>
  if (typeof dtype !== 'string' || !Object.hasOwn(itemBytes, dtype))
    throw fail(`tensor ${show(name)} of a known dtype`, String(dtype).slice(0, 40))
  if (!isSizes(shape)) throw fail(`tensor ${show(name)} with a shape of sizes`, 'another value')
  if (!isSizes(offsets) || offsets.length !== 2) throw fail(`tensor ${show(name)} with two offsets`, 'another value')
  const [start, end] = offsets as [number, number]
  const size = shape.reduce((product, side) => product * BigInt(side), BigInt(itemBytes[dtype as TensorDtype]))
  if (start > end || BigInt(end - start) !== size)
    throw fail(`tensor ${show(name)} to span ${size} bytes`, `${start} to ${end}`)
  return { dtype: dtype as TensorDtype, shape: shape as readonly number[], start, end }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 32 && value.every((side) => Number.isSafeInteger(side) && side >= 0)
}

/** JSON.parse keeps the last of two equal names; counting the colons at depth one finds the other. */
function countTopLevelKeys(text: string): number {
  let depth = 0
  let keys = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x22) {
      for (i++; text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (unit === 0x7b || unit === 0x5b) depth++
    else if (unit === 0x7d || unit === 0x5d) depth--
    else if (unit === 0x3a && depth === 1) keys++
  }
  return keys
}
