import { InvalidArgumentError } from '../spec/errors.ts'

/** Which ids may be returned: a bitmap (bit `id & 7` of byte `id >> 3`, set = allowed), or the allowed ids themselves. */
export type Selection = Uint8Array | Int32Array

/** Bytes of a bitmap over `rows` ids. */
export function bitmapBytes(rows: number): number {
  return Math.ceil(rows / 8)
}

export function hasBit(bitmap: Uint8Array, id: number): boolean {
  return (((bitmap[id >> 3] as number) >> (id & 7)) & 1) === 1
}

export function setBit(bitmap: Uint8Array, id: number): void {
  bitmap[id >> 3] = (bitmap[id >> 3] as number) | (1 << (id & 7))
}

/** @throws {InvalidArgumentError} when a bitmap has not `rows` bits, or an id is not from 0 to rows − 1. */
export function toBitmap(selection: Selection, rows: number, name = 'options.filter'): Uint8Array {
  if (selection instanceof Uint8Array) {
    if (selection.length !== bitmapBytes(rows))
      throw new InvalidArgumentError(
        name,
        `a bitmap of ${bitmapBytes(rows)} bytes for ${rows} rows`,
        `${selection.length} bytes`,
      )
    return selection
  }
  if (!(selection instanceof Int32Array))
    throw new InvalidArgumentError(name, 'a Uint8Array bitmap or an Int32Array of ids', selection)
  const bitmap = new Uint8Array(bitmapBytes(rows))
  for (const id of selection) {
    if (id < 0 || id >= rows) throw new InvalidArgumentError(name, `ids from 0 to ${rows - 1}`, id)
    setBit(bitmap, id)
  }
  return bitmap
}
