import { CorruptDataError } from '../../spec/errors.ts'

/** A changed row's integer primary key, or undefined where its first key column is no integer. */
type FirstKey = bigint | undefined

const operation = { insert: 18, update: 23, delete: 9 } as const
const type = { undefined: 0, integer: 1, float: 2, text: 3, blob: 4, null: 5 } as const

/**
 * First primary-key column of every row that a SQLite patchset touches, without repeats.
 *
 * Source: the format as documented in SQLite's `sqlite3session.h`, "Changeset format" and "Patchset blob format".
 */
export function changedKeys(patchset: Uint8Array): Set<bigint> {
  const reader = new PatchsetReader(patchset)
  const keys = new Set<bigint>()
  while (!reader.isAtEnd) {
    if (reader.nextIsTable()) {
      reader.readTable()
      continue
    }
    const key = reader.readChange()
    if (key !== undefined) keys.add(key)
  }
  return keys
}

class PatchsetReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #isKey: boolean[] = []

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  nextIsTable(): boolean {
    return this.#bytes[this.#at] === 0x50
  }

  readTable(): void {
    this.#at++
    const columns = this.#varint()
    this.#isKey = Array.from(this.#bytes.subarray(this.#at, this.#at + columns), (flag) => flag !== 0)
    this.#at = this.#bytes.indexOf(0, this.#at + columns) + 1
  }

  readChange(): FirstKey {
    const kind = this.#bytes[this.#at]
    this.#at += 2
    if (kind !== operation.insert && kind !== operation.update && kind !== operation.delete)
      throw new CorruptDataError('changes of the full-text index', 'an insert, update or delete', `operation ${kind}`)
    // A patchset's delete holds the key columns alone.
    const columns = kind === operation.delete ? this.#isKey.filter(Boolean) : this.#isKey
    let key: FirstKey
    let isFirstKey = true
    for (const isKey of columns) {
      const value = this.#value()
      if (isKey && isFirstKey) {
        key = value
        isFirstKey = false
      }
    }
    return key
  }

  #value(): FirstKey {
    const kind = this.#bytes[this.#at++]
    if (kind === type.integer) {
      this.#at += 8
      return this.#view.getBigInt64(this.#at - 8)
    }
    if (kind === type.float) this.#at += 8
    else if (kind === type.text || kind === type.blob) {
      const length = this.#varint()
      this.#at += length
    } else if (kind !== type.undefined && kind !== type.null) {
      throw new CorruptDataError('changes of the full-text index', 'a value type from 0 to 5', `${kind}`)
    }
    return undefined
  }

  #varint(): number {
    let value = 0
    for (let i = 0; i < 9; i++) {
      const byte = this.#bytes[this.#at++] ?? 0
      value = value * 128 + (byte & 0x7f)
      if (byte < 0x80) break
    }
    return value
  }
}
