import type { GraphPlace } from './transformer-runs.ts'

/** Tokens of one run: their states stay in the cache, and a run is short enough to stop after. */
const tokensPerRun = 384

/**
 * Token sequences to be embedded by several threads, in memory that all of them see. Runs are taken by a counter; each
 * writes the rows of its own texts, so who takes it does not matter.
 */
export interface EmbedJob {
  /** Ids of all sequences, one after the other. */
  readonly ids: Int32Array
  /** Where sequence i begins in `ids`; one more at the end. */
  readonly offsets: Int32Array
  /** Sequences in the order of the runs; those of one run are equally long. */
  readonly order: Int32Array
  /** Where run r begins in `order`; one more at the end. */
  readonly runs: Int32Array
  /** Pooled vectors, `hiddenSize` values a sequence, before whatever follows pooling. */
  readonly output: Float32Array
  /** [0]: the next run to take. [1]: 1 once nobody should take another. */
  readonly state: Int32Array
}

/**
 * Cut the work into runs.
 *
 * @param output - Where the vectors go. Memory that threads share makes a job that they share.
 */
export function jobOf(
  sequences: readonly Int32Array[],
  { isAlone }: Pick<GraphPlace, 'isAlone'>,
  output: Float32Array<ArrayBufferLike>,
): EmbedJob {
  const isShared = !(output.buffer instanceof ArrayBuffer)
  const integers = (length: number) =>
    new Int32Array(isShared ? new SharedArrayBuffer(4 * length) : new ArrayBuffer(4 * length))
  const total = sequences.reduce((sum, ids) => sum + ids.length, 0)
  const ids = integers(total)
  const offsets = integers(sequences.length + 1)
  for (const [i, sequence] of sequences.entries()) {
    ids.set(sequence, offsets[i])
    offsets[i + 1] = (offsets[i] as number) + sequence.length
  }
  const runs = runsOf(sequences, isAlone ? 1 : tokensPerRun)
  const order = integers(sequences.length)
  const starts = new Int32Array(runs.length + 1)
  for (const [i, run] of runs.entries()) {
    order.set(run, starts[i])
    starts[i + 1] = (starts[i] as number) + run.length
  }
  return {
    ids,
    offsets,
    order,
    runs: starts,
    output,
    state: integers(2),
  }
}

/** Runs of sequences of equal length, so without padding; the largest first, so that threads end together. */
function runsOf(sequences: readonly Int32Array[], mostTokens: number): Int32Array[] {
  const byLength = new Map<number, number[]>()
  for (const [i, { length }] of sequences.entries()) {
    const group = byLength.get(length)
    if (group === undefined) byLength.set(length, [i])
    else group.push(i)
  }
  const runs: { readonly rows: Int32Array; readonly tokens: number }[] = []
  for (const [length, group] of byLength) {
    // As few runs as hold them, of as equal a size as can be.
    const count = Math.ceil(group.length / Math.max(1, Math.floor(mostTokens / length)))
    for (let i = 0; i < count; i++) {
      const [from, to] = [i, i + 1].map((part) => Math.round((part * group.length) / count))
      const rows = Int32Array.from(group.slice(from, to))
      runs.push({ rows, tokens: rows.length * length })
    }
  }
  return runs.sort((a, b) => b.tokens - a.tokens).map(({ rows }) => rows)
}
