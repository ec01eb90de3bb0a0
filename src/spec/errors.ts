/**
 * Every error the product throws on purpose. The message grammar is
 * `what: expected X, got Y. Remedy.`; the fields say the same to a program.
 * No message holds a key, a header or a user's text.
 */

const marker = Symbol.for('vecino.error')

export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-vector'
  | 'passport-mismatch'
  | 'not-found'
  | 'busy'
  | 'corrupt'
  | 'format-version'
  | 'unreadable'
  | 'missing-dependency'
  | 'storage'
  | 'storage-full'
  | 'unknown-outcome'
  | 'provider'
  | 'budget'
  | 'unsupported'

export class VecinoError extends Error {
  readonly code: ErrorCode
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, options: { remedy?: string | undefined; cause?: unknown } = {}) {
    super(options.remedy === undefined ? message : `${message} ${options.remedy}`, { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.remedy = options.remedy
    Object.defineProperty(this, marker, { value: true })
  }

  /** True for errors of any copy of the package: two copies still agree. */
  static isInstance(error: unknown): error is VecinoError {
    return typeof error === 'object' && error !== null && marker in error
  }
}

/** An argument, option, flag or field is not what the call takes. */
export class InvalidArgumentError extends VecinoError {
  readonly argument: string
  readonly expected: string
  readonly got: string

  constructor(argument: string, expected: string, got: unknown, remedy?: string) {
    const shown = describe(got)
    super('invalid-argument', `${argument}: expected ${expected}, got ${shown}.`, { remedy })
    this.argument = argument
    this.expected = expected
    this.got = shown
  }
}

/** A vector that no operation may use: NaN, infinite, zero under cosine, wrong length, or the same for unlike texts. */
export class InvalidVectorError extends VecinoError {
  readonly row: number | undefined

  constructor(
    what: string,
    expected: string,
    got: string,
    options: { row?: number; remedy?: string; cause?: unknown } = {},
  ) {
    super('invalid-vector', `${what}: expected ${expected}, got ${got}.`, options)
    this.row = options.row
  }
}

export interface PassportDifference {
  readonly field: string
  readonly here: unknown
  readonly there: unknown
}

/** Vectors of two unlike models would have met in one operation. */
export class PassportMismatchError extends VecinoError {
  readonly differences: readonly PassportDifference[]

  constructor(what: string, differences: readonly PassportDifference[], remedy: string) {
    const listed = differences.map((d) => `${d.field} ${describe(d.here)} here, ${describe(d.there)} there`).join('; ')
    super('passport-mismatch', `${what}: expected vectors of one model, got two (${listed}).`, { remedy })
    this.differences = differences
  }
}

export class NotFoundError extends VecinoError {
  readonly id: string

  constructor(what: string, id: string, remedy?: string) {
    super('not-found', `${what}: expected one that exists, got ${describe(id)}.`, { remedy })
    this.id = id
  }
}

/** Somebody else writes to this collection now. */
export class BusyError extends VecinoError {
  /** Process id of the writer, where it is known. */
  readonly holder: number | undefined

  constructor(path: string, holder: number | undefined, options: { cause?: unknown } = {}) {
    const by = holder === undefined ? 'another process' : `process ${holder}`
    super('busy', `${path}: expected to be the only writer, got a lock held by ${by}.`, {
      remedy: 'Wait for it to finish, or stop it; reading goes on meanwhile.',
      cause: options.cause,
    })
    this.holder = holder
  }
}

/** Stored bytes are not the bytes that were written. */
export class CorruptDataError extends VecinoError {
  readonly place: string

  constructor(place: string, expected: string, got: string, options: { remedy?: string; cause?: unknown } = {}) {
    super('corrupt', `${place}: expected ${expected}, got ${got}.`, {
      remedy: options.remedy ?? 'Run `vecino verify` to see the damage and `vecino repair` to mend what can be mended.',
      cause: options.cause,
    })
    this.place = place
  }
}

/** A file of a format version this release does not read. */
export class FormatVersionError extends VecinoError {
  readonly found: number
  readonly supported: number

  constructor(path: string, found: number, supported: number) {
    super('format-version', `${path}: expected format version ${supported} or older, got ${found}.`, {
      remedy: 'Install a newer release: npm install vecino@latest. The file was not touched.',
    })
    this.found = found
    this.supported = supported
  }
}

/** An input file, line or document that cannot be read as what it claims to be. */
export class UnreadableInputError extends VecinoError {
  readonly path: string
  /** Offset of the first offending byte, where there is one. */
  readonly byte: number | undefined
  readonly line: number | undefined

  constructor(
    path: string,
    expected: string,
    got: string,
    options: { byte?: number; line?: number; remedy?: string; cause?: unknown } = {},
  ) {
    const place = `${path}${options.line === undefined ? '' : `:${options.line}`}`
    const at = options.byte === undefined ? '' : ` at byte ${options.byte}`
    super('unreadable', `${place}: expected ${expected}, got ${got}${at}.`, options)
    this.path = path
    this.byte = options.byte
    this.line = options.line
  }
}

/** An optional package is not installed, or does not load here. */
export class MissingDependencyError extends VecinoError {
  readonly packageName: string

  constructor(neededBy: string, packageName: string, options: { remedy?: string; cause?: unknown } = {}) {
    super('missing-dependency', `${neededBy}: cannot import \`${packageName}\`.`, {
      remedy: options.remedy ?? `Install it: npm install ${packageName}.`,
      cause: options.cause,
    })
    this.packageName = packageName
  }
}

/** The disk or database refused. `unknown-outcome`: the write may or may not have happened; read before repeating it. */
export class StorageError extends VecinoError {
  constructor(
    code: 'storage' | 'storage-full' | 'unknown-outcome',
    message: string,
    options: { remedy?: string; cause?: unknown } = {},
  ) {
    super(code, message, options)
  }
}

/** A hosted model or its network failed. */
export class ProviderError extends VecinoError {
  readonly provider: string
  readonly status: number | undefined
  readonly isRetryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(
    provider: string,
    message: string,
    options: { status?: number; isRetryable?: boolean; retryAfterMs?: number; remedy?: string; cause?: unknown } = {},
  ) {
    super('provider', `${provider}: ${message}`, options)
    this.provider = provider
    this.status = options.status
    this.isRetryable = options.isRetryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}

/** A run would cost more than the user allowed. */
export class BudgetError extends VecinoError {
  readonly maxUsd: number
  /** Spent before the call that was not made, requests whose answer never came counted in full. */
  readonly spentUsd: number

  constructor(message: string, options: { maxUsd: number; spentUsd: number; remedy?: string }) {
    super('budget', message, options)
    this.maxUsd = options.maxUsd
    this.spentUsd = options.spentUsd
  }
}

/** The thing asked for exists, but this back end or model cannot do it. */
export class UnsupportedError extends VecinoError {
  constructor(what: string, expected: string, got: string, remedy?: string) {
    super('unsupported', `${what}: expected ${expected}, got ${got}.`, { remedy })
  }
}

/** How a value appears in a message: short, quoted where it is a string, never a whole text. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`
  if (typeof value === 'function') return 'a function'
  return `an object of type ${value.constructor?.name ?? 'null prototype'}`
}
