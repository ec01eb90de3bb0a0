import type { ErrorCode } from '../spec/errors.ts'

/** Exit statuses, one meaning each. Scripts may rely on them. */
export const exitStatus = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  busy: 4,
  damaged: 5,
  mismatch: 6,
  badInput: 7,
  missing: 8,
  storage: 9,
  provider: 10,
  interrupted: 130,
} as const

/** The one place where an error's code becomes an exit status. */
export const statusOfCode: Readonly<Record<ErrorCode, number>> = {
  'invalid-argument': exitStatus.usage,
  'not-found': exitStatus.notFound,
  busy: exitStatus.busy,
  corrupt: exitStatus.damaged,
  'passport-mismatch': exitStatus.mismatch,
  'format-version': exitStatus.mismatch,
  unreadable: exitStatus.badInput,
  'invalid-vector': exitStatus.badInput,
  'missing-dependency': exitStatus.missing,
  unsupported: exitStatus.missing,
  storage: exitStatus.storage,
  'storage-full': exitStatus.storage,
  'unknown-outcome': exitStatus.storage,
  provider: exitStatus.provider,
  budget: exitStatus.provider,
}

/** What each status means, as the help and the documentation print it. */
export const statusMeanings: readonly (readonly [number, string])[] = [
  [exitStatus.done, 'done (a search that finds nothing is done, too)'],
  [exitStatus.unexpected, 'a fault of Vecino: please report it'],
  [exitStatus.usage, 'wrong usage: a flag, an argument or a filter'],
  [exitStatus.notFound, 'not found: no such collection, id, file or model'],
  [exitStatus.busy, 'busy: somebody else writes to the collection'],
  [exitStatus.damaged, 'damaged data'],
  [exitStatus.mismatch, 'made by another model, or by a newer release'],
  [exitStatus.badInput, 'input that cannot be read, or a vector that cannot be used'],
  [exitStatus.missing, 'something is not installed, or not supported here'],
  [exitStatus.storage, 'the disk refused, or is full'],
  [exitStatus.provider, 'a hosted model failed, or would cost more than allowed'],
  [exitStatus.interrupted, 'interrupted by Ctrl-C'],
]
