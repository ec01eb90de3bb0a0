import type { Matrix } from '../../spec/matrix.ts'
import { rowOf } from '../../spec/matrix.ts'
import { bytesChecksum } from './checksum.ts'
import type { Connection, Row } from './connection.ts'
import { copyVector, toBytes } from './vector-bytes.ts'

/** Vectors by model, task and digest of the text; shared by all collections of the file. */
export function readCached(
  connection: Connection,
  fingerprint: string,
  task: string,
  digests: readonly string[],
): (Float32Array | undefined)[] {
  return connection.snapshot(() => {
    const space = connection.get('SELECT id FROM cache_spaces WHERE fingerprint=? AND task=?', fingerprint, task)
    if (space === undefined) return digests.map(() => undefined)
    const id = Number(space['id'])
    return digests.map((digest) => {
      const row = connection.get('SELECT vector, crc FROM cache WHERE space=? AND digest=?', id, digest)
      // A damaged entry is no entry: the text is embedded again and takes its place.
      if (row === undefined || !isSoundEntry(row, { fingerprint, task, digest })) return undefined
      const bytes = row['vector'] as Uint8Array
      const vector = new Float32Array(bytes.length / 4)
      copyVector(bytes, vector, 0)
      return vector
    })
  })
}

/** Part of the transaction that is open. */
export function writeCached(
  connection: Connection,
  fingerprint: string,
  task: string,
  digests: readonly string[],
  vectors: Matrix,
): void {
  connection.run('INSERT OR IGNORE INTO cache_spaces(fingerprint, task) VALUES(?, ?)', fingerprint, task)
  const space = connection.number('SELECT id FROM cache_spaces WHERE fingerprint=? AND task=?', fingerprint, task)
  for (const [i, digest] of digests.entries()) {
    const bytes = toBytes(rowOf(vectors, i))
    connection.run(
      'INSERT OR REPLACE INTO cache(space, digest, vector, crc) VALUES(?, ?, ?, ?)',
      space,
      digest,
      bytes,
      entryChecksum({ fingerprint, task, digest }, bytes),
    )
  }
}

/** Entries of the whole cache with whether each is what was written. */
export function* cacheEntries(
  connection: Connection,
): Generator<{ fingerprint: string; task: string; digest: string; vector: Float32Array | undefined }> {
  const sql =
    'SELECT fingerprint, task, digest, vector, crc FROM cache JOIN cache_spaces ON cache_spaces.id=cache.space'
  for (const row of connection.rows(sql)) {
    const entry = { fingerprint: String(row['fingerprint']), task: String(row['task']), digest: String(row['digest']) }
    let vector: Float32Array | undefined
    if (isSoundEntry(row, entry)) {
      const bytes = row['vector'] as Uint8Array
      vector = new Float32Array(bytes.length / 4)
      copyVector(bytes, vector, 0)
    }
    yield { ...entry, vector }
  }
}

interface EntryName {
  readonly fingerprint: string
  readonly task: string
  readonly digest: string
}

function isSoundEntry(row: Row, name: EntryName): boolean {
  const bytes = row['vector']
  return bytes instanceof Uint8Array && bytes.length % 4 === 0 && entryChecksum(name, bytes) === row['crc']
}

function entryChecksum({ fingerprint, task, digest }: EntryName, bytes: Uint8Array): number {
  return bytesChecksum(bytes, bytesChecksum(JSON.stringify([fingerprint, task, digest])))
}
