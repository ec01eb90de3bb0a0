import { Worker } from 'node:worker_threads'
import { UnsupportedError } from '../spec/errors.ts'
import type { PreparedTransformer } from './prepare-transformer.ts'
import { type EmbedJob, jobOf } from './transformer-job.ts'
import type { TransformerEngine } from './transformer-model.ts'
import { type GraphPlace, GraphRunner } from './transformer-runs.ts'

/**
 * A graph on several threads, the calling one among them, each with a session of one thread: runs of unlike length then
 * never wait for one another. Other threads are started by the first job that has work for them.
 */
export class TransformerThreads implements TransformerEngine {
  private readonly place: GraphPlace
  private readonly own: GraphRunner
  private readonly threads: number
  private readonly workers: Worker[] = []
  /** Where all threads write vectors, for one job after the other: a new one a job would wait for every thread's collector. */
  private memory = new SharedArrayBuffer(0)
  private last: Promise<unknown> = Promise.resolve()

  constructor({ place, session }: PreparedTransformer, threads: number) {
    this.place = place
    this.own = new GraphRunner(session, place)
    this.threads = threads
  }

  /** Calls queue: each uses all threads. */
  embed(sequences: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    const result = this.last.then(() => this.run(sequences, signal))
    this.last = result.catch(() => {})
    return result
  }

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
    const job = jobOf(sequences, this.place, new Float32Array(this.memory, 0, bytes / 4))
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
