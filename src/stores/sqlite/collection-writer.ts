import { InvalidArgumentError, StorageError, UnsupportedError } from '../../spec/errors.ts'
import type { Connection } from './connection.ts'
import { memoryPath, openForWriting } from './open-file.ts'
import { giveUpReserve, keepReserve } from './reserve.ts'
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
      if (this.#connection === undefined) keepReserve(this.#options.path)
      try {
        return this.#transaction(work)
      } catch (error) {
        if (!isFull((error as { cause?: unknown }).cause)) throw error
        giveUpReserve(this.#options.path)
        try {
          if (!frees) throw error
          return this.#transaction(work)
        } finally {
          this.#giveBack()
        }
      }
    })
  }

  close(): void {
    this.#connection?.close()
    this.#options.lock?.close()
  }

  #transaction<T>(work: (connection: Connection) => T): T {
    const connection = this.#open()
    try {
      return connection.transaction(() => work(connection))
    } catch (error) {
      if (error instanceof StorageError) {
        if (error.code === 'unknown-outcome') this.#failure = error
        // After a write that failed inside FTS5 its memory of the index is not that of the file: begin with a new one.
        if (this.#options.path !== memoryPath) {
          this.#connection = undefined
          connection.close()
        }
      }
      throw error
    }
  }

  #open(): Connection {
    const { path } = this.#options
    if (this.#connection === undefined) {
      if (path === memoryPath) throw new InvalidArgumentError('store', 'an open store', 'a closed one')
      this.#connection = openForWriting(path).connection
    }
    return this.#connection
  }

  /** Shorten the file by what was freed, as far as there is room for that, and lay the reserve again. */
  #giveBack(): void {
    try {
      const connection = this.#open()
      // The log holds what the failed write left there, until it is emptied.
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      while (connection.number('PRAGMA freelist_count') > 0) {
        connection.exec(`PRAGMA incremental_vacuum(${pagesAStep})`)
        connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      }
      keepReserve(this.#options.path)
    } catch (error) {
      // Too full even for that: the removal is durable, and its room is used by the next write.
      if (!(error instanceof StorageError)) throw error
    }
  }
}
