import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError, CorruptDataError, UnreadableInputError } from '../../spec/errors.ts'
import { Connection } from './connection.ts'

const retryMs = 20

/**
 * The writer's place at a collection: a lock of the operating system on the side file `<path>-lock`, so it vanishes with
 * its holder however that ends, and a reused process id means nothing. The side file is a tiny SQLite database, because
 * SQLite locks alike on every system; the holder's process id stands in its `user_version`, for messages only.
 */
export class WriterLock {
  readonly #path: string
  readonly #place: string
  readonly #waitMs: number
  #connection: Connection | undefined
  #holders = 0
  #taking: Promise<void> | undefined

  /** @param waitMs - How long `acquire` tries before it gives up; another's single write takes milliseconds. */
  constructor(path: string, waitMs: number) {
    this.#path = `${path}-lock`
    this.#place = path
    this.#waitMs = waitMs
  }

  /** Take the place, or join those of this store who hold it or wait for it. */
  async acquire(): Promise<void> {
    this.#taking ??= this.#take()
    this.#holders++
    try {
      await this.#taking
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  release(): void {
    if (this.#leave()) this.#connection?.rollback()
  }

  #leave(): boolean {
    this.#holders--
    if (this.#holders > 0) return false
    this.#taking = undefined
    return true
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  async #take(): Promise<void> {
    const attempts = Math.ceil(this.#waitMs / retryMs)
    for (let attempt = 0; ; attempt++) {
      try {
        return this.#lock()
      } catch (error) {
        if (!(error instanceof BusyError)) throw error
        if (attempt >= attempts) throw new BusyError(this.#place, this.#holder(), { cause: error })
      }
      await sleep(retryMs)
    }
  }

  #lock(): void {
    this.#connection ??= this.#open()
    const connection = this.#connection
    connection.exec('BEGIN IMMEDIATE')
    try {
      while (connection.number('PRAGMA user_version') !== process.pid) {
        connection.exec(`PRAGMA user_version=${process.pid}`)
        // Only what is committed can be read by others, and a commit lets go of the lock: take it and look again.
        connection.exec('COMMIT')
        connection.exec('BEGIN IMMEDIATE')
      }
    } catch (error) {
      connection.rollback()
      throw error
    }
  }

  #open(): Connection {
    const open = () => {
      const connection = new Connection(this.#path, { access: 'write', busyTimeoutMs: 0 })
      // Nothing in it outlives its holder, so nothing in it needs to be durable.
      connection.exec('PRAGMA journal_mode=MEMORY')
      connection.exec('PRAGMA synchronous=OFF')
      connection.number('PRAGMA user_version')
      return connection
    }
    try {
      return open()
    } catch (error) {
      if (!(error instanceof CorruptDataError || error instanceof UnreadableInputError)) throw error
      rmSync(this.#path, { force: true })
      return open()
    }
  }

  #holder(): number | undefined {
    try {
      const pid = this.#connection?.number('PRAGMA user_version') ?? 0
      return pid > 0 ? pid : undefined
    } catch {
      return undefined
    }
  }
}
