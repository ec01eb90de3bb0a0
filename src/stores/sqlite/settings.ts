import { CorruptDataError, InvalidArgumentError } from '../../spec/errors.ts'
import { rowChecksum } from './checksum.ts'
import { assertCount, readCollection, writeCollection } from './collection-row.ts'
import type { Connection, Row } from './connection.ts'

/** @throws {CorruptDataError} when the value is not what was written, or settings are missing. */
export function readSetting(connection: Connection, collection: number, name: string): unknown {
  const row = connection.get('SELECT name, value, crc FROM settings WHERE collection=? AND name=?', collection, name)
  if (row !== undefined) return checkedValue(row, collection, connection.place)
  // There may be none, or its page was lost.
  settingNames(connection, collection)
  return undefined
}

function checkedValue(row: Row, collection: number, place: string): unknown {
  const name = String(row['name'])
  const value = String(row['value'])
  if (rowChecksum([collection, name], value) !== row['crc'])
    throw new CorruptDataError(`${place}, setting ${JSON.stringify(name)}`, 'what was written', 'another value')
  return JSON.parse(value)
}

export function writeSetting(connection: Connection, collection: number, name: string, value: unknown): void {
  const json = JSON.stringify(value)
  if (json === undefined) throw new InvalidArgumentError(`setting ${name}`, 'a value that JSON can hold', value)
  const before = connection.number(countSettings, collection)
  connection.run(
    'INSERT OR REPLACE INTO settings(collection, name, value, crc) VALUES(?, ?, ?, ?)',
    collection,
    name,
    json,
    rowChecksum([collection, name], json),
  )
  const after = connection.number(countSettings, collection)
  if (after === before) return
  const row = readCollection(connection, collection)
  writeCollection(connection, { ...row, settings: row.settings + after - before })
}

const countSettings = 'SELECT count(*) FROM settings WHERE collection=?'

/** @throws {CorruptDataError} when there are more or fewer than the collection counts, or one is damaged. */
export function settingNames(connection: Connection, collection: number): string[] {
  const rows = connection.all('SELECT name, value, crc FROM settings WHERE collection=? ORDER BY name', collection)
  assertCount(`${connection.place}, settings`, readCollection(connection, collection).settings, rows.length)
  for (const row of rows) checkedValue(row, collection, connection.place)
  return rows.map((row) => String(row['name']))
}
