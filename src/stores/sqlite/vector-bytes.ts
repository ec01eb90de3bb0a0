/** The file's byte order is little-endian whatever the machine's. */
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Bytes of 32-bit values as they stand in the file; a view of `values` where the machine is little-endian. */
export function toBytes(values: Float32Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return isLittleEndian ? bytes : swapped(bytes)
}

/** Copy a file's bytes into `target` from float `offset` on. */
export function copyVector(bytes: Uint8Array, target: Float32Array, offset: number): void {
  const to = new Uint8Array(target.buffer, target.byteOffset + 4 * offset, bytes.length)
  to.set(isLittleEndian ? bytes : swapped(bytes))
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes).swap32()
}
