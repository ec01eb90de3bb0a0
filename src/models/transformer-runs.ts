import { UnsupportedError } from '../spec/errors.ts'
import { sumOutput } from './onnx-graph/summed-output.ts'
import type { OnnxSession } from './onnx-session.ts'
import { pool } from './pooling.ts'
import type { TransformerConfig } from './transformer-config.ts'
import type { Rewriting } from './transformer-graph.ts'
import type { EmbedJob } from './transformer-job.ts'

/** What a thread needs to know of a model to run its graph. */
export interface GraphPlace {
  /** Of the graph; an address in a page. */
  readonly path: string
  readonly pooling: TransformerConfig['pooling']
  readonly hiddenSize: number
  readonly rewriting: Rewriting | undefined
  /**
   * One text a run. Graphs in 8 bits that are not rewritten scale each layer's input by the largest value of the whole run, so that texts of one
   * run change each other's vectors: the cosine of a sentence alone and in company was 0.984 to 0.996 with MiniLM.
   */
  readonly isAlone: boolean
}

/** One thread's session and what it does with it. */
export class GraphRunner {
  private readonly session: OnnxSession
  private readonly place: GraphPlace

  constructor(session: OnnxSession, place: GraphPlace) {
    this.session = session
    this.place = place
  }

  /** Take runs until none is left, or the job is stopped. */
  async takeRuns(job: EmbedJob): Promise<void> {
    for (;;) {
      if (Atomics.load(job.state, 1) !== 0) return
      const run = Atomics.add(job.state, 0, 1)
      if (run + 1 >= job.runs.length) return
      try {
        await this.embed(job, job.order.subarray(job.runs[run], job.runs[run + 1]))
      } catch (error) {
        Atomics.store(job.state, 1, 1)
        throw error
      }
    }
  }

  /** Hidden states of one sequence, a row a token. */
  async states(ids: Int32Array): Promise<Float32Array> {
    const { data, dims } = await this.session.run({ ids, columns: ids.length })
    assertStates(dims, [1, ids.length, this.place.hiddenSize], this.place.path)
    return data
  }

  close(): Promise<void> {
    return this.session.close()
  }

  private async embed(job: EmbedJob, sequences: Int32Array): Promise<void> {
    const { hiddenSize, pooling, path } = this.place
    const first = sequences[0] as number
    const columns = (job.offsets[first + 1] as number) - (job.offsets[first] as number)
    const ids = new Int32Array(sequences.length * columns)
    for (const [row, i] of sequences.entries())
      ids.set(job.ids.subarray(job.offsets[i], job.offsets[i + 1]), row * columns)
    const outputOf = (i: number) => job.output.subarray(i * hiddenSize, (i + 1) * hiddenSize)
    if (pooling === 'mean' && this.session.outputs.includes(sumOutput)) {
      const { data, dims } = await this.session.run({ ids, columns }, sumOutput)
      assertStates(dims, [sequences.length, 1, hiddenSize], path)
      for (const [row, i] of sequences.entries()) {
        const mean = outputOf(i)
        for (let j = 0; j < hiddenSize; j++) mean[j] = (data[row * hiddenSize + j] as number) / columns
      }
      return
    }
    const { data, dims } = await this.session.run({ ids, columns })
    assertStates(dims, [sequences.length, columns, hiddenSize], path)
    for (const [row, i] of sequences.entries()) {
      const from = row * columns * hiddenSize
      pool(data.subarray(from, from + columns * hiddenSize), hiddenSize, pooling, outputOf(i))
    }
  }
}

function assertStates(dims: readonly number[], expected: readonly number[], path: string): void {
  if (dims.join() !== expected.join())
    throw new UnsupportedError(path, `hidden states of ${expected.join(' × ')}`, dims.join(' × '))
}
