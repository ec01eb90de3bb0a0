import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StorageError } from '../../spec/errors.ts'
import { isDiskFailure, toTypedError } from './sqlite-errors.ts'

export type SqlValue = SQLInputValue
/** Columns of a row in the order selected. */
export type Tuple = (string | number | bigint | null | Uint8Array)[]
export type Row = Record<string, string | number | bigint | null | Uint8Array>

export interface ConnectionOptions {
  /**
   * `write` may change the file; `read` opens it for writing, so that the last reader tidies up the log, but refuses to
   * write; `read-only` opens it so; `immutable` reads a file on a medium that can't be written and needs no side files.
   */
  readonly access: 'write' | 'read' | 'read-only' | 'immutable'
  /** Name for messages. @default the path */
  readonly place?: string
  /** Needed by VACUUM INTO, which attaches its target. @default false */
  readonly mayAttach?: boolean
  /** How long SQLite waits for short locks of other connections. @default 5000 */
  readonly busyTimeoutMs?: number
}

/**
 * The one door to `node:sqlite`: statements are kept by strong references until `close`, no user function and no tag
 * store is ever registered, the database is closed once and after its statements' last use, ATTACH is refused, and
 * everything thrown is one of our errors.
 */
export class Connection {
  readonly place: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #isOpen = true
  #isInTransaction = false

  constructor(path: string, options: ConnectionOptions) {
    this.place = options.place ?? path
    const { access, mayAttach = false, busyTimeoutMs = 5000 } = options
    this.#database = this.#try(() => {
      if (access === 'immutable') return new DatabaseSync(immutableUrl(path), { readOnly: true })
      return new DatabaseSync(path, { readOnly: access === 'read-only' })
    })
    try {
      this.#harden(mayAttach)
      this.exec(`PRAGMA busy_timeout=${busyTimeoutMs}`)
      this.exec('PRAGMA temp_store=MEMORY')
      if (access === 'read') this.exec('PRAGMA query_only=ON')
    } catch (error) {
      this.close()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  exec(sql: string): void {
    this.#try(() => this.#database.exec(sql))
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#try(() => this.#prepare(sql).run(...values))
  }

  /** The statement ready to run many times. */
  runner(sql: string): (...values: SqlValue[]) => void {
    const statement = this.#try(() => this.#prepare(sql))
    return (...values) => {
      try {
        statement.run(...values)
      } catch (error) {
        throw toTypedError(error, this.place)
      }
    }
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#try(() => this.#prepare(sql).get(...values)) as Row | undefined
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#try(() => this.#prepare(sql).all(...values)) as Row[]
  }

  /** Rows one by one. The statement is in use until the loop ends, so it is not shared with a nested one. */
  *rows(sql: string, ...values: SqlValue[]): Generator<Row> {
    const statement = this.#try(() => this.#database.prepare(sql))
    const iterator = this.#try(() => statement.iterate(...values)) as Iterator<Row>
    try {
      for (;;) {
        const next = this.#try(() => iterator.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      iterator.return?.()
    }
  }

  /** Visit many rows as plain arrays, the cheapest form there is; `visit` must not use this connection. */
  each(sql: string, values: readonly SqlValue[], visit: (columns: Tuple) => void): void {
    this.#try(() => {
      const statement: Partial<Pick<StatementSync, 'setReturnArrays'>> & StatementSync = this.#database.prepare(sql)
      // Came with Node 22.16.
      const givesArrays = typeof statement.setReturnArrays === 'function'
      if (givesArrays) statement.setReturnArrays(true)
      for (const row of statement.iterate(...values))
        visit(givesArrays ? (row as unknown as Tuple) : (Object.values(row) as Tuple))
    })
  }

  /** First column of the first row, as a number. */
  number(sql: string, ...values: SqlValue[]): number {
    const row = this.get(sql, ...values)
    return row === undefined ? 0 : Number(Object.values(row)[0])
  }

  /** One transaction that writes. A failed commit whose outcome can't be known says so by `unknown-outcome`. */
  transaction<T>(work: () => T): T {
    this.#begin('BEGIN IMMEDIATE')
    let result: T
    try {
      result = work()
    } catch (error) {
      this.rollback()
      throw error
    }
    try {
      this.#database.exec('COMMIT')
    } catch (error) {
      this.rollback()
      if (isDiskFailure(error)) throw unknownOutcome(this.place, error)
      throw toTypedError(error, this.place)
    }
    this.#isInTransaction = false
    return result
  }

  /** Everything read in `work` is of one state of the file. */
  snapshot<T>(work: () => T): T {
    if (this.#isInTransaction) return work()
    this.#begin('BEGIN')
    try {
      return work()
    } finally {
      this.rollback()
    }
  }

  /** The same for work that waits; meanwhile nothing else may be read through this connection. */
  async asSnapshot<T>(work: () => Promise<T>): Promise<T> {
    this.#begin('BEGIN')
    try {
      // The state is that of the first read.
      this.get('SELECT 1 FROM sqlite_schema')
      return await work()
    } finally {
      this.rollback()
    }
  }

  /** A changeset of what `work` does to `tables`, in SQLite's patchset format; one buffer a table. */
  recordChanges(tables: readonly string[], work: () => void): Uint8Array[] {
    const sessions = tables.map((table) => this.#try(() => this.#database.createSession({ table })))
    try {
      work()
      return sessions.map((session) => this.#try(() => session.patchset()))
    } finally {
      for (const session of sessions) session.close()
    }
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#statements.clear()
    this.#try(() => this.#database.close())
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #begin(sql: string): void {
    this.exec(sql)
    this.#isInTransaction = true
  }

  /** End a transaction, if one is open, and forget what it did. */
  rollback(): void {
    this.#isInTransaction = false
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  #harden(mayAttach: boolean): void {
    // Each of these came with a release of Node later than the oldest we support.
    const database = this.#database as Partial<Pick<DatabaseSync, 'setAuthorizer' | 'enableDefensive' | 'limits'>>
    database.enableDefensive?.(true)
    if (mayAttach) return
    if (database.limits !== undefined) database.limits.attach = 0
    else
      database.setAuthorizer?.((action) =>
        action === constants.SQLITE_ATTACH ? constants.SQLITE_DENY : constants.SQLITE_OK,
      )
  }

  #try<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw toTypedError(error, this.place)
    }
  }
}

let keepsNulCharacters: boolean | undefined

/** False in releases of Node 22 that cut a text at its first NUL when they read it back. */
export function keepsNul(): boolean {
  if (keepsNulCharacters === undefined) {
    const connection = new Connection(':memory:', { access: 'write' })
    keepsNulCharacters = connection.get('SELECT ? AS text', 'a\0b')?.['text'] === 'a\0b'
    connection.close()
  }
  return keepsNulCharacters
}

function immutableUrl(path: string): string {
  return `file:${encodeURI(path).replaceAll('?', '%3f').replaceAll('#', '%23')}?immutable=1`
}

function unknownOutcome(place: string, cause: unknown): StorageError {
  return new StorageError(
    'unknown-outcome',
    `${place}: expected the commit to become durable, got a failure of the disk while it was written.`,
    {
      remedy:
        'This store takes no more writes: open it again, look which sources are there, and repeat what is missing.',
      cause,
    },
  )
}
