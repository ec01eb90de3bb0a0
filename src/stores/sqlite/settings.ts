import { CorruptDataError, InvalidArgumentError } from '../../spec/errors.ts'
import { rowChecksum } from './checksum.ts'
import type { Connection } from './connection.ts'

/** @throws {CorruptDataError} when the value is not what was written. */
export function readSetting(connection: Connection, collection: number, name: string): unknown {
  const row = connection.get('SELECT value, crc FROM settings WHERE collection=? AND name=?', collection, name)
  if (row === undefined) return undefined
  const value = String(row['value'])
  if (rowChecksum([collection, name], value) !== row['crc'])
    throw new CorruptDataError(
      `${connection.place}, setting ${JSON.stringify(name)}`,
      'what was written',
      'another value',
    )
  return JSON.parse(value)
}

export function writeSetting(connection: Connection, collection: number, name: string, value: unknown): void {
  const json = JSON.stringify(value)
  if (json === undefined) throw new InvalidArgumentError(`setting ${name}`, 'a value that JSON can hold', value)
  connection.run(
    'INSERT OR REPLACE INTO settings(collection, name, value, crc) VALUES(?, ?, ?, ?)',
    collection,
    name,
    json,
    rowChecksum([collection, name], json),
  )
}

export function settingNames(connection: Connection, collection: number): string[] {
  return connection
    .all('SELECT name FROM settings WHERE collection=? ORDER BY name', collection)
    .map((row) => String(row['name']))
}
