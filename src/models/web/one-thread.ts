import type { PreparedTransformer } from '../prepare-transformer.ts'
import { jobOf } from '../transformer-job.ts'
import type { TransformerEngine } from '../transformer-model.ts'
import { type GraphPlace, GraphRunner } from '../transformer-runs.ts'

/** A graph on the calling thread alone; the runtime may have threads of its own. */
export class OneThread implements TransformerEngine {
  private readonly place: GraphPlace
  private readonly runner: GraphRunner
  /** Calls queue: a session runs one thing at a time. */
  private last: Promise<unknown> = Promise.resolve()

  constructor({ place, session }: PreparedTransformer) {
    this.place = place
    this.runner = new GraphRunner(session, place)
  }

  embed(sequences: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    return this.queued(async () => {
      signal?.throwIfAborted()
      const job = jobOf(sequences, this.place, new Float32Array(sequences.length * this.place.hiddenSize))
      const stop = () => Atomics.store(job.state, 1, 1)
      signal?.addEventListener('abort', stop, { once: true })
      try {
        await this.runner.takeRuns(job)
        signal?.throwIfAborted()
        return job.output
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    })
  }

  states(ids: Int32Array): Promise<Float32Array> {
    return this.queued(() => this.runner.states(ids))
  }

  close(): Promise<void> {
    return this.queued(() => this.runner.close())
  }

  private queued<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work)
    this.last = result.catch(() => {})
    return result
  }
}
