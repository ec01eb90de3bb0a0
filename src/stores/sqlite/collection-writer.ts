import { InvalidArgumentError, StorageError, UnsupportedError } from '../../spec/errors.ts'
import type { Connection } from './connection.ts'
import { memoryPath, openForWriting } from './open-file.ts'
import { isFull } from './sqlite-errors.ts'
import type { WriterLock } from './writer-lock.ts'

/** Pages given back to the disk a step, so that a step fits in what room there is. */
const pagesAStep = 100

export interface CollectionWriterOptions {
  readonly path: string
  /** Undefined in memory, where there are no others. */
  readonly lock: WriterLock | undefined
  readonly readOnly: boolean
  /** The one connection there is, in memory. */
  readonly connection?: Connection | undefined
}

/** The writing side of a store: opened by the first write, working only in the writer's place. */
export class CollectionWriter {
  readonly #options: CollectionWriterOptions
  #connection: Connection | undefined
  /** Why no more is written: the disk failed during a commit. */
  #failure: StorageError | undefined

  constructor(options: CollectionWriterOptions) {
    this.#options = options
    this.#connection = options.connection
  }

  async inPlace<T>(work: () => T | Promise<T>): Promise<T> {
    const { lock, readOnly, path } = this.#options
    if (readOnly)
      throw new UnsupportedError(path, 'a store opened for writing', 'a read-only one', 'Open it without `readOnly`.')
    await lock?.acquire()
    try {
      return await work()
    } finally {
      lock?.release()
    }
  }

  /**
   * Run `work` in one durable transaction.
   *
   * @param frees - True when it gives back room, so that the reserve may be used for it on a full disk.
   */
  async write<T>(work: (connection: Connection) => T, frees = false): Promise<T> {
    return this.inPlace(() => {
      if (this.#failure !== undefined) throw this.#failure
      const connection = this.#open()
      try {
        return connection.transaction(() => work(connection))
      } catch (error) {
        if (error instanceof StorageError && error.code === 'unknown-outcome') this.#failure = error
        const mayRetry = frees && isFull((error as { cause?: unknown }).cause) && this.#options.lock?.giveUpReserve()
        if (mayRetry !== true) throw error
        const result = connection.transaction(() => work(connection))
        this.#giveBack(connection)
        return result
      }
    })
  }

  close(): void {
    this.#connection?.close()
    this.#options.lock?.close()
  }

  #open(): Connection {
    const { path, lock } = this.#options
    if (this.#connection === undefined) {
      if (path === memoryPath) throw new InvalidArgumentError('store', 'an open store', 'a closed one')
      this.#connection = openForWriting(path).connection
      lock?.keepReserve()
    }
    return this.#connection
  }

  /** Shorten the file by what was freed, as far as there is room for that, and lay the reserve again. */
  #giveBack(connection: Connection): void {
    try {
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      while (connection.number('PRAGMA freelist_count') > 0) {
        connection.exec(`PRAGMA incremental_vacuum(${pagesAStep})`)
        connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      }
    } catch (error) {
      // Too full even for that: the removal is durable, and its room is used by the next write.
      if (!(error instanceof StorageError)) throw error
    }
    this.#options.lock?.keepReserve()
  }
}
