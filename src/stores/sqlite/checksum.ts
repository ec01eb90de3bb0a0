import { crc32 } from 'node:zlib'

/**
 * CRC32 of a row's columns in their fixed order. SQLite does not see a flipped bit inside a value; this does.
 * The last value may be long (a text), so it is hashed as it stands and not quoted first.
 */
export function rowChecksum(columns: readonly (string | number | null)[], text = ''): number {
  return crc32(text, crc32(JSON.stringify(columns)))
}

/** CRC32 of a vector's bytes under its key: a row that moved to another key does not pass either. */
export function vectorChecksum(key: number, bytes: Uint8Array): number {
  return crc32(bytes, key)
}

/** CRC32 of bytes or text, continued from `seed`. */
export function bytesChecksum(bytes: Uint8Array | string, seed = 0): number {
  return crc32(bytes, seed)
}
