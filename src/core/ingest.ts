import type { AddOptions, AddReport } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import type { Store } from '../spec/store.ts'
import { type AddInput, pathsOf, recordArrivals } from './arrivals.ts'
import { IngestRun } from './ingest-run.ts'
import { KeptLedger } from './kept-ledger.ts'
import { assertKnownOptions } from './options.ts'
import { RunLedger, spendingOptions, withLedger } from './run-ledger.ts'

export interface IngestContext {
  readonly store: Store
  readonly model: EmbeddingModel
  /** Milliseconds from any start, for rates. @default performance.now */
  readonly clock?: (() => number) | undefined
}

const knownOptions = [
  'onProgress',
  'signal',
  'include',
  'exclude',
  'noIgnore',
  'sync',
  'textFields',
  'idField',
  'maxTokens',
  'overlapTokens',
  ...spendingOptions,
] as const satisfies readonly (keyof AddOptions)[]
const pathOptions = ['include', 'exclude', 'noIgnore', 'sync', 'textFields', 'idField'] as const

/**
 * Add files, folders or records: read, cut, embed and write in bounded batches, each durable before it is counted.
 * Unchanged files are not read, unchanged sources not embedded, so that a run that was killed is taken up by
 * running it again.
 *
 * @throws {InvalidArgumentError} for a folder without a readable file, an option out of range, two different sources of
 *   one id, or an id that another file holds already.
 * @throws {UnreadableInputError} for a file named by its path that cannot be read; in folders such files become notices.
 * @throws {BusyError} when another process writes to the collection.
 * @throws {BudgetError} before the call that could cost more than `maxUsd`; what was embedded before is stored or cached.
 *
 * Cost: memory for some two batches (1,000 passages or 4 MB of text each) and 16 bytes a source, whatever the input's size.
 */
export async function ingest(context: IngestContext, input: AddInput, options: AddOptions = {}): Promise<AddReport> {
  const paths = pathsOrRecords(input, options)
  options.signal?.throwIfAborted()

  const { store, model } = context
  const ledger = new RunLedger(model, options)
  return store.asWriter(async () => {
    const kept = model.cost === 'paid' ? await KeptLedger.open(store, ledger) : undefined
    const run = new IngestRun({ ...context, model: withLedger(model, ledger, kept) }, options)
    try {
      const report = await (paths === undefined ? run.records(recordsOf(input)) : run.paths(paths))
      return { ...report, receipt: ledger.receipt() }
    } finally {
      kept?.close()
      options.onReceipt?.(ledger.receipt())
    }
  })
}

export function recordsOf(input: AddInput): ReturnType<typeof recordArrivals> {
  return recordArrivals(input as Parameters<typeof recordArrivals>[0])
}

/**
 * The paths of an input; undefined for records.
 *
 * @throws {InvalidArgumentError} for an unknown option, and for one of paths beside records.
 */
export function pathsOrRecords(input: AddInput, options: AddOptions): readonly string[] | undefined {
  assertKnownOptions(options, knownOptions, 'add')
  const paths = pathsOf(input)
  if (paths !== undefined) return paths
  const misplaced = pathOptions.find((name) => options[name] !== undefined && options[name] !== false)
  if (misplaced !== undefined)
    throw new InvalidArgumentError(
      `options.${misplaced}`,
      'nothing for records',
      options[misplaced],
      'It is for paths only.',
    )
  return undefined
}
