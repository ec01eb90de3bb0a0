import { CorruptDataError, FormatVersionError } from '../spec/errors.ts'
import { crc32 } from './crc32.ts'
import type { Basis } from './exact-basis.ts'
import type { CodeStore } from './exact-codes-store.ts'
import type { Metric } from './metric.ts'

/** What a saved index says of itself before its bytes are taken. */
export interface SavedHeader {
  readonly version: number
  readonly metric: Metric
  readonly columns: number
  readonly rows: number
  /** Of the passport of the rows; null where they have none. */
  readonly fingerprint: string | null
  /** The caller's own mark: the generation of a collection, say. */
  readonly tag: string
  readonly removed: number
  /** Undefined where the index is searched by brute force. */
  readonly coded?: {
    readonly width: number
    readonly unit: number
    readonly head: number
    readonly nibbles: boolean
    readonly turned: boolean
    readonly codeNorm: number
    readonly segments: readonly number[]
  }
}

export interface SavedIndex {
  readonly header: SavedHeader
  readonly alive: Uint8Array
  readonly squaredNorms: Float64Array | undefined
  readonly basis: Basis | undefined
  /** Blocks and row codes of each segment. */
  readonly codes: readonly { readonly blocks: Uint8Array; readonly rowCodes: Uint8Array }[]
}

/**
 * Format 1, little-endian: `VECINOIX`, u32 version, u32 length of the header, header (JSON, padded so that what follows
 * starts at a multiple of 8), bitmap of live rows, float64 squared norms (cosine), float64 mean, float32 axes and
 * deviations, then blocks and row codes of each segment, each part padded to a multiple of 8; last a u32 CRC-32 of all before.
 */
const magic = new TextEncoder().encode('VECINOIX')
const version = 1
const place = 'saved index'
const remedy = 'Build the index again from its rows.'

export function encodeIndex(
  header: SavedHeader,
  alive: Uint8Array,
  squaredNorms: Float64Array | undefined,
  codes: CodeStore | undefined,
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const parts: ArrayBufferView[] = [alive]
  if (squaredNorms !== undefined) parts.push(squaredNorms)
  if (codes !== undefined) {
    const { basis } = codes.coder
    parts.push(basis.mean)
    if (basis.axes !== undefined) parts.push(basis.axes)
    parts.push(basis.deviations)
    for (const segment of codes.segments) {
      const { blocks, rowCodes } = codes.bytesOf(segment)
      parts.push(blocks, rowCodes)
    }
  }
  const start = pad(16 + json.length)
  const length = parts.reduce((sum, part) => sum + pad(part.byteLength), start) + 4
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  view.setUint32(8, version, true)
  view.setUint32(12, json.length, true)
  bytes.set(json, 16)
  let at = start
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
    at += pad(part.byteLength)
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true)
  return bytes
}

/**
 * @throws {CorruptDataError} when the bytes are not what was saved.
 * @throws {FormatVersionError} when a later release saved them.
 */
export function decodeIndex(saved: Uint8Array): SavedIndex {
  const view = new DataView(saved.buffer, saved.byteOffset, saved.byteLength)
  if (saved.length < 20 || !magic.every((byte, i) => saved[i] === byte))
    throw new CorruptDataError(place, 'bytes that begin with VECINOIX', 'others', { remedy })
  const found = view.getUint32(8, true)
  if (found > version) throw new FormatVersionError(place, found, version)
  const end = saved.length - 4
  const expected = view.getUint32(end, true)
  const actual = crc32(saved.subarray(0, end))
  if (actual !== expected)
    throw new CorruptDataError(place, `checksum ${expected.toString(16)}`, actual.toString(16), { remedy })
  const header = JSON.parse(new TextDecoder().decode(saved.subarray(16, 16 + view.getUint32(12, true)))) as SavedHeader
  let at = pad(16 + view.getUint32(12, true))
  const take = (bytes: number): Uint8Array => {
    const part = saved.slice(at, at + bytes)
    at += pad(bytes)
    return part
  }
  const alive = take(Math.ceil(header.rows / 8))
  const squaredNorms = header.metric === 'cosine' ? new Float64Array(take(header.rows * 8).buffer) : undefined
  const { coded } = header
  if (coded === undefined) return { header, alive, squaredNorms, basis: undefined, codes: [] }
  const { width, unit, head, nibbles, turned, segments } = coded
  const basis: Basis = {
    metric: header.metric,
    columns: header.columns,
    width,
    unit,
    head,
    nibbles,
    mean: new Float64Array(take(header.columns * 8).buffer),
    axes: turned ? new Float32Array(take(width * width * 4).buffer) : undefined,
    deviations: new Float32Array(take(width * 4).buffer),
  }
  const blockBytes = (head / (nibbles ? 8 : 4)) * 64 + (header.metric === 'l2' ? 160 : 96)
  const codes = segments.map((rows) => ({
    blocks: take(Math.ceil(rows / 16) * blockBytes),
    rowCodes: take(rows * (width + 16)),
  }))
  return { header, alive, squaredNorms, basis, codes }
}

function pad(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
