import { UnreadableInputError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** No honest header of a matrix is longer; version 2 and 3 headers could claim 4 GB. */
export const longestHeader = 65_536

/**
 * A matrix as a NumPy `.npy` file: version 1.0, `<f4`, C order, data at a multiple of 64.
 *
 * Source: numpy.lib.format.
 */
export function encodeNpy(matrix: Matrix): Uint8Array {
  const header = npyHeader(matrix.rows, matrix.columns)
  const bytes = new Uint8Array(header.length + matrix.data.length * 4)
  bytes.set(header)
  bytes.set(littleEndianBytes(matrix.data), header.length)
  return bytes
}

/** The header alone, for writers that send the rows after it in pieces. */
export function npyHeader(rows: number, columns: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const header = new Uint8Array(10 + length).fill(0x20)
  header.set([...magic, 1, 0, length & 0xff, length >> 8])
  header.set(new TextEncoder().encode(text), 10)
  header[header.length - 1] = 0x0a
  return header
}

/** The float32 values as little-endian bytes: a view where the machine is little-endian. */
export function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return isLittleEndian ? bytes : bytes.slice().map((_, i) => bytes[(i & ~3) | (3 - (i & 3))] as number)
}

/**
 * Read a one- or two-dimensional `.npy` array of numbers; one dimension becomes one row.
 *
 * Takes versions 1 to 3, C order, and f2, f4, f8, i1, u1, i4, i8 in both byte orders, as float32. Values are converted,
 * not judged: whoever uses the rows as vectors checks them.
 *
 * @param name - Path or name of the file, for messages.
 * @throws {UnreadableInputError} for anything else: object arrays (which hold pickled code), Fortran order, more
 *   dimensions, a shape that is not the file's size.
 */
export function decodeNpy(bytes: Uint8Array, name: string): Matrix {
  const layout = npyLayout(bytes, bytes.length, name)
  return createMatrix(layout.rows, layout.columns, layout.decode(bytes.subarray(layout.dataOffset)))
}

/** Where the values of a file stand and how to read them, for readers that take it in pieces. */
export interface NpyLayout {
  readonly rows: number
  readonly columns: number
  readonly dataOffset: number
  readonly bytesPerValue: number
  /** Any number of whole values. */
  readonly decode: (bytes: Uint8Array) => Float32Array
}

/**
 * Read and check the header alone.
 *
 * @param head - The file's first bytes, at least the header (64 KiB hold every honest one).
 * @param fileBytes - Size of the whole file, which must be what the shape says.
 */
export function npyLayout(head: Uint8Array, fileBytes: number, name: string): NpyLayout {
  const { descr, shape, dataOffset } = readHeader(head, name)
  const [rows, columns] = shape.length === 1 ? [1, shape[0] as number] : (shape as [number, number])
  const { bytes: bytesPerValue, read } = kindOf(descr, name)
  // In BigInt: a hostile shape's product must not round to the file's size.
  const expected = BigInt(rows) * BigInt(columns) * BigInt(bytesPerValue)
  const present = BigInt(fileBytes - dataOffset)
  if (expected !== present)
    throw new UnreadableInputError(name, `${expected} bytes of data for shape (${shape.join(', ')})`, `${present}`)
  const decode = (bytes: Uint8Array) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return Float32Array.from({ length: bytes.length / bytesPerValue }, (_, i) => read(view, i * bytesPerValue))
  }
  return { rows, columns, dataOffset, bytesPerValue, decode }
}

interface NpyHeader {
  readonly descr: string
  readonly shape: readonly number[]
  readonly dataOffset: number
}

function readHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte))
    throw new UnreadableInputError(name, 'a NumPy file, which begins with \\x93NUMPY', 'other bytes', { byte: 0 })
  const version = bytes[6] as number
  if (version < 1 || version > 3)
    throw new UnreadableInputError(name, 'format version 1, 2 or 3', `${version}`, { byte: 6 })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = version === 1 ? 10 : 12
  if (bytes.length < start) throw new UnreadableInputError(name, 'a whole header', 'the end of the file', { byte: 8 })
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > longestHeader || start + length > bytes.length)
    throw new UnreadableInputError(name, 'a header within the file', `a header of ${length} bytes`, { byte: 8 })
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length))
  return { ...parseHeader(text, name, start), dataOffset: start + length }
}

/** The header is a Python dictionary literal; only the one form NumPy writes is taken, and nothing is evaluated. */
function parseHeader(text: string, name: string, byte: number): { descr: string; shape: number[] } {
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1]
  const fields = new Map<string, string>()
  let rest = body ?? ''
  while (rest.trim() !== '') {
    const field = /^\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\s]*\))\s*(?:,|$)/.exec(rest)
    if (field === null || fields.has(field[1] as string)) break
    fields.set(field[1] as string, field[2] as string)
    rest = rest.slice(field[0].length)
  }
  const descr = fields.get('descr')
  const order = fields.get('fortran_order')
  const shape = fields.get('shape')
  if (
    body === undefined ||
    rest.trim() !== '' ||
    !descr?.startsWith("'") ||
    order === undefined ||
    !shape?.startsWith('(')
  )
    throw new UnreadableInputError(
      name,
      'a header with descr, fortran_order and shape of plain numbers',
      'another header',
      {
        byte,
        remedy: 'Save it in NumPy with numpy.save(file, array.astype("float32")).',
      },
    )
  if (order !== 'False')
    throw new UnreadableInputError(name, 'C order', 'Fortran order', {
      byte,
      remedy: 'Save numpy.ascontiguousarray(array).',
    })
  const sizes = shape
    .slice(1, -1)
    .split(',')
    .map((part) => part.trim())
    .filter((part, i, all) => part !== '' || i < all.length - 1)
    .map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : Number.NaN))
  if (sizes.length < 1 || sizes.length > 2 || sizes.some(Number.isNaN))
    throw new UnreadableInputError(name, 'one or two dimensions', `shape ${shape.slice(0, 60)}`, { byte })
  return { descr: descr.slice(1, -1), shape: sizes }
}

interface NpyKind {
  readonly bytes: number
  readonly read: (view: DataView, offset: number) => number
}

function kindOf(descr: string, name: string): NpyKind {
  const little = descr[0] === '<' || (descr[0] === '=' && isLittleEndian)
  const kinds: Record<string, NpyKind> = {
    f2: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, little)) },
    f4: { bytes: 4, read: (view, at) => view.getFloat32(at, little) },
    f8: { bytes: 8, read: (view, at) => view.getFloat64(at, little) },
    i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
    u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
    i4: { bytes: 4, read: (view, at) => view.getInt32(at, little) },
    i8: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, little)) },
  }
  const type = descr.slice(1)
  const kind = '<>|='.includes(descr[0] ?? ' ') && Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (kind === undefined || (descr[0] === '|' && kind.bytes > 1))
    throw new UnreadableInputError(
      name,
      'values of type f2, f4, f8, i1, u1, i4 or i8',
      descr.includes('O') ? 'an object array, which holds pickled code' : JSON.stringify(descr.slice(0, 20)),
      { remedy: 'Save it in NumPy with numpy.save(file, array.astype("float32")).' },
    )
  return kind
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
