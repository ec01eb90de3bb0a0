import { Worker } from 'node:worker_threads'
import { UnsupportedError } from '../spec/errors.ts'
import type { OnnxSession } from './onnx-session.ts'
import { type EmbedJob, type GraphPlace, GraphRunner } from './transformer-runs.ts'

/** Tokens of one run: their states stay in the cache, and a run is short enough to stop after. */
const tokensPerRun = 384

/**
 * A graph on several threads, the calling one among them, each with a session of one thread: runs of unlike length then
 * never wait for one another. Other threads are started by the first job that has work for them.
 */
export class TransformerThreads {
  private readonly place: GraphPlace
  private readonly own: GraphRunner
  private readonly threads: number
  private readonly workers: Worker[] = []
  /** Where all threads write vectors, for one job after the other: a new one a job would wait for every thread's collector. */
  private memory = new SharedArrayBuffer(0)
  private last: Promise<unknown> = Promise.resolve()

  private constructor(place: GraphPlace, own: GraphRunner, threads: number) {
    this.place = place
    this.own = own
    this.threads = threads
  }

  /** @param session - Of the place's graph, where one is open already. */
  static async open(place: GraphPlace, threads: number, session?: OnnxSession): Promise<TransformerThreads> {
    return new TransformerThreads(place, await GraphRunner.open(place, session), threads)
  }

  /** Pooled vectors of the sequences, in their order. Calls queue: each uses all threads. */
  embed(sequences: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    const result = this.last.then(() => this.run(sequences, signal))
    this.last = result.catch(() => {})
    return result
  }

  /** Hidden states of one sequence, a row a token. */
  states(ids: Int32Array): Promise<Float32Array> {
    return this.own.states(ids)
  }

  async close(): Promise<void> {
    await this.last
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()))
    await this.own.close()
  }

  private async run(sequences: readonly Int32Array[], signal: AbortSignal | undefined): Promise<Float32Array> {
    signal?.throwIfAborted()
    const bytes = 4 * sequences.length * this.place.hiddenSize
    if (this.memory.byteLength < bytes) this.memory = new SharedArrayBuffer(bytes)
    const job = jobOf(sequences, this.place.isAlone, new Float32Array(this.memory, 0, bytes / 4))
    const stop = () => Atomics.store(job.state, 1, 1)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const helpers = this.helpers(Math.min(this.threads, job.runs.length - 1) - 1)
      // Whatever fails, wait for all: nobody may still write when this returns.
      const outcomes = await Promise.allSettled([
        this.own.takeRuns(job),
        ...helpers.map((worker) => this.ask(worker, job)),
      ])
      signal?.throwIfAborted()
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      return job.output.slice()
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  private helpers(count: number): Worker[] {
    while (this.workers.length < count) {
      // Sources run as .ts, the built package as .js.
      const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
      const worker = new Worker(new URL(`./transformer-worker${ending}`, import.meta.url), { workerData: this.place })
      worker.unref()
      this.workers.push(worker)
    }
    return this.workers.slice(0, Math.max(0, count))
  }

  private async ask(worker: Worker, job: EmbedJob): Promise<void> {
    worker.ref()
    try {
      await new Promise<void>((resolve, reject) => {
        const failed = (cause: unknown) => {
          const at = this.workers.indexOf(worker)
          if (at >= 0) this.workers.splice(at, 1)
          Atomics.store(job.state, 1, 1)
          reject(
            new UnsupportedError(
              'transformer thread',
              'a worker that runs to the end',
              String(cause),
              'Use `threads: 1`.',
            ),
          )
        }
        worker.once('error', failed)
        worker.once('exit', failed)
        worker.once('message', ({ error }: { error?: unknown }) => {
          worker.off('error', failed)
          worker.off('exit', failed)
          if (error === undefined) resolve()
          else reject(error)
        })
        worker.postMessage(job)
      })
    } finally {
      worker.unref()
    }
  }
}

function jobOf(sequences: readonly Int32Array[], isAlone: boolean, output: Float32Array): EmbedJob {
  const total = sequences.reduce((sum, ids) => sum + ids.length, 0)
  const ids = new Int32Array(new SharedArrayBuffer(4 * total))
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (sequences.length + 1)))
  for (const [i, sequence] of sequences.entries()) {
    ids.set(sequence, offsets[i])
    offsets[i + 1] = (offsets[i] as number) + sequence.length
  }
  const runs = runsOf(sequences, isAlone ? 1 : tokensPerRun)
  const order = new Int32Array(new SharedArrayBuffer(4 * sequences.length))
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
    state: new Int32Array(new SharedArrayBuffer(8)),
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
