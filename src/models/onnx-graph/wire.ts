import { CorruptDataError } from '../../spec/errors.ts'

/** One field of a protobuf message. */
export interface Field {
  readonly number: number
  /** Varints and fixed numbers as they are; undefined where the field holds bytes. */
  readonly value: number | undefined
  /** What a field of bytes holds: a text, a message, packed numbers. A view, not a copy. */
  readonly bytes: Uint8Array
  /** The whole field with its tag: to write it again as it was. */
  readonly whole: Uint8Array
}

/**
 * Fields of a message, in their order. 64-bit integers beyond ±2^53 lose their last bits.
 *
 * @throws {CorruptDataError} when the bytes end within a field, or are no message.
 *
 * Source: https://protobuf.dev/programming-guides/encoding
 */
export function readFields(message: Uint8Array, place: string): Field[] {
  const reader = new Reader(message, place)
  const fields: Field[] = []
  while (reader.at < message.length) {
    const from = reader.at
    const tag = reader.varint()
    const kind = tag & 7
    let value: number | undefined
    let bytes: Uint8Array = none
    if (kind === 0) value = reader.varint()
    else if (kind === 2) bytes = reader.take(reader.varint())
    else if (kind === 5) value = reader.float(4)
    else if (kind === 1) value = reader.float(8)
    else throw corrupt(place, `a field of kind ${kind}`)
    fields.push({ number: Math.floor(tag / 8), value, bytes, whole: message.subarray(from, reader.at) })
  }
  return fields
}

/** A repeated integer, whether each stands in a field of its own or all in one. */
export function readIntegers(fields: readonly Field[], number: number, place: string): number[] {
  const values: number[] = []
  for (const field of fields) {
    if (field.number !== number) continue
    if (field.value !== undefined) values.push(field.value)
    else {
      const reader = new Reader(field.bytes, place)
      while (reader.at < field.bytes.length) values.push(reader.varint())
    }
  }
  return values
}

const none = new Uint8Array(0)

class Reader {
  at = 0
  private readonly bytes: Uint8Array
  private readonly place: string

  constructor(bytes: Uint8Array, place: string) {
    this.bytes = bytes
    this.place = place
  }

  varint(): number {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw corrupt(this.place, 'bytes that end within a number')
      const bits = byte & 127
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >> 4
      } else high |= bits << (shift - 32)
      // Negative numbers are written in two's complement of 64 bits.
      if (byte < 128) return high * 2 ** 32 + (low >>> 0)
    }
    throw corrupt(this.place, 'a number longer than 64 bits')
  }

  take(count: number): Uint8Array {
    const from = this.at
    if (count < 0 || from + count > this.bytes.length) throw corrupt(this.place, 'bytes that end within a field')
    this.at += count
    return this.bytes.subarray(from, this.at)
  }

  float(size: 4 | 8): number {
    const { buffer, byteOffset } = this.take(size)
    const view = new DataView(buffer, byteOffset, size)
    return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
  }
}

/** A field of an integer ≥ 0, a text, or bytes (of a message: parts that are joined). */
export function field(number: number, content: number | string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  if (typeof content === 'number') return joined([varint(number * 8), varint(content)])
  const parts = typeof content === 'string' ? [encoder.encode(content)] : [content].flat()
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  return joined([varint(number * 8 + 2), varint(size), ...(parts as Uint8Array[])])
}

const encoder = new TextEncoder()

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

function corrupt(place: string, got: string): CorruptDataError {
  return new CorruptDataError(place, 'an ONNX graph', got, {
    remedy: 'Pull the model again: half a download looks like this.',
  })
}
