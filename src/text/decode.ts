import { isUtf8 } from 'node:buffer'
import { UnreadableInputError } from '../spec/errors.ts'

const utf8Remedy = 'Convert it first, such as `iconv -f latin1 -t utf-8`.'

/**
 * A whole file's bytes as text: UTF-8 (a byte order mark is dropped), or UTF-16 of either order with its mark.
 *
 * @throws {UnreadableInputError} naming the first byte that is neither.
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const order = byteOrder(buffer)
  if (order !== undefined) return decodeUtf16(buffer.subarray(2), order, path, 2)
  const start = hasUtf8Mark(buffer) ? 3 : 0
  const body = buffer.subarray(start)
  if (!isUtf8(body)) throw invalidUtf8(body, path, start)
  return body.toString('utf8')
}

/** True for bytes that are no text: a NUL byte, and no UTF-16 mark that would explain it. */
export function isBinary(bytes: Uint8Array): boolean {
  return byteOrder(bytes) === undefined && bytes.includes(0)
}

/**
 * A stream of bytes as a stream of valid UTF-8 buffers, each cut between two characters: marks dropped, UTF-16 with a
 * mark transcoded, whatever the size of the input.
 *
 * @throws {UnreadableInputError} naming the first byte that is no text.
 */
export async function* utf8Chunks(stream: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Buffer> {
  let carry: Buffer = Buffer.alloc(0)
  let order: 'le' | 'be' | undefined
  let position = 0
  let started = false
  const decode = (part: Buffer, last: boolean): Buffer => {
    if (!started) {
      started = true
      order = byteOrder(part)
      position = order !== undefined ? 2 : hasUtf8Mark(part) ? 3 : 0
      part = part.subarray(position)
    }
    const whole = last ? part.length : order === undefined ? wholeUtf8(part) : wholeUtf16(part, order)
    const body = part.subarray(0, whole)
    carry = part.subarray(whole)
    const decoded = order === undefined ? checkedUtf8(body, path, position) : transcode(body, order, path, position)
    position += whole
    return decoded
  }
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const joined = carry.length === 0 ? bytes : Buffer.concat([carry, bytes])
    if (!started && joined.length < 3) {
      carry = joined
      continue
    }
    const decoded = decode(joined, false)
    if (decoded.length > 0) yield decoded
  }
  const rest = decode(carry, true)
  if (rest.length > 0) yield rest
}

function checkedUtf8(body: Buffer, path: string, position: number): Buffer {
  if (!isUtf8(body)) throw invalidUtf8(body, path, position)
  const nul = body.indexOf(0)
  if (nul !== -1) throw new UnreadableInputError(path, 'text', 'a NUL byte', { byte: position + nul })
  return body
}

function transcode(body: Buffer, order: 'le' | 'be', path: string, position: number): Buffer {
  return Buffer.from(decodeUtf16(body, order, path, position), 'utf8')
}

function byteOrder(bytes: Uint8Array): 'le' | 'be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'be' : undefined
}

function hasUtf8Mark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** Length of the longest start that ends between two characters, if the bytes are valid so far. */
function wholeUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? bytes.length - back : bytes.length
    if (byte < 0x80) break
  }
  return bytes.length
}

function wholeUtf16(bytes: Uint8Array, order: 'le' | 'be'): number {
  const even = bytes.length & ~1
  const high = even === 0 ? 0 : (bytes[order === 'le' ? even - 1 : even - 2] as number)
  return (high & 0xfc) === 0xd8 ? even - 2 : even
}

function decodeUtf16(bytes: Buffer, order: 'le' | 'be', path: string, position: number): string {
  if (bytes.length % 2 === 1)
    throw new UnreadableInputError(path, 'UTF-16 text, two bytes a unit', 'half a unit', {
      byte: position + bytes.length - 1,
      remedy: utf8Remedy,
    })
  const text = order === 'le' ? bytes.toString('utf16le') : Buffer.from(bytes).swap16().toString('utf16le')
  const lone = text.isWellFormed() ? -1 : loneSurrogate(text)
  if (lone !== -1)
    throw new UnreadableInputError(path, 'UTF-16 text', 'half a surrogate pair', {
      byte: position + 2 * lone,
      remedy: utf8Remedy,
    })
  return text
}

/** Index of the first surrogate without its other half, -1 where there is none. */
export function loneSurrogate(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number
    if (point >= 0xd800 && point <= 0xdfff) return i
    if (point > 0xffff) i++
  }
  return -1
}

function invalidUtf8(bytes: Uint8Array, path: string, position: number): UnreadableInputError {
  const at = firstInvalidUtf8(bytes)
  const byte = (bytes[at] as number).toString(16).padStart(2, '0')
  return new UnreadableInputError(path, 'UTF-8 text', `a byte 0x${byte} that is none`, {
    byte: position + at,
    remedy: utf8Remedy,
  })
}

/**
 * Offset of the first ill-formed sequence, -1 where the bytes are UTF-8.
 *
 * Source: Unicode 16, table 3-7.
 */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i] as number
    if (lead < 0x80) {
      i++
      continue
    }
    const length =
      lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead <= 0xf4 && lead >= 0xf0 ? 4 : 0
    const second = bytes[i + 1] ?? 0
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (length === 0 || second < low || second > high) return i
    for (let k = 2; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return i
    i += length
  }
  return -1
}
