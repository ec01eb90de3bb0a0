import { InvalidArgumentError, UnsupportedError } from '../../spec/errors.ts'
import type { Arena } from './arena.ts'
import { loadKernel } from './load.ts'

/**
 * One call of a kernel's function: its number arguments. A call writes only where no other call of the same run writes,
 * and does the same work whoever runs it; so results don't depend on the number of threads.
 */
export type Call = readonly number[]

/** What a worker is sent: take calls by the shared counter until none is left. */
export interface Job {
  readonly memory: WebAssembly.Memory
  readonly kernel: string
  readonly method: string
  readonly calls: readonly Call[]
  /** [0]: index of the next call to take. */
  readonly counter: Int32Array
  /** What each call returned. */
  readonly results: Float64Array
}

/** A worker's reply: nothing, or why it failed. */
export interface Reply {
  readonly error?: unknown
}

interface Thread {
  run(job: Job): Promise<void>
}

/** Idle threads of closed pools, for the next pool: starting one costs some 50 ms. They keep no process alive. */
const idle: Thread[] = []

/** Logical cores here, at most 8: beyond it kernels wait for memory. */
export function defaultThreads(): number {
  return Math.min(8, Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1))
}

/**
 * Runs kernel calls over one arena's memory on several threads, the calling thread among them.
 * Where the memory is not shared (no SharedArrayBuffer here, or a plain arena) it has one thread and the same results.
 */
export class Pool {
  /** Threads that really work, the calling one included. */
  readonly threads: number
  private readonly arena: Arena
  private workers: Thread[] = []

  /** @param threads - Integer ≥ 1; more than the memory allows falls back to 1. @default the logical cores, at most 8 */
  constructor(arena: Arena, threads: number = defaultThreads()) {
    if (!Number.isSafeInteger(threads) || threads < 1)
      throw new InvalidArgumentError('options.threads', 'an integer ≥ 1', threads)
    this.arena = arena
    this.threads = isShared(arena.memory) ? threads : 1
  }

  /**
   * Run `method` of `kernel` once for each of `calls`, in any order, and return what each call returned.
   * A run is one at a time: await it before the next, and allocate nothing in the arena meanwhile.
   */
  async run(kernel: string, method: string, calls: readonly Call[]): Promise<Float64Array> {
    const helpers = Math.min(this.threads, calls.length) - 1
    while (this.workers.length < helpers) this.workers.push(idle.pop() ?? (await startThread()))
    const job: Job = {
      memory: this.arena.memory,
      kernel,
      method,
      calls,
      counter: helpers > 0 ? new Int32Array(new SharedArrayBuffer(4)) : new Int32Array(1),
      results: new Float64Array(
        helpers > 0 ? new SharedArrayBuffer(8 * calls.length) : new ArrayBuffer(8 * calls.length),
      ),
    }
    const helped = this.workers.slice(0, helpers).map((worker) => worker.run(job))
    // Whatever fails, wait for all: nobody may still write into the arena when this returns.
    const outcomes = await Promise.allSettled([takeCalls(job), ...helped])
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return job.results
  }

  /** Give the threads back. The arena stays. */
  close(): void {
    idle.push(...this.workers)
    this.workers = []
  }
}

/** The loop of every thread. */
export async function takeCalls(job: Job): Promise<void> {
  const kernel = await loadKernel(job.kernel, job.memory)
  const method = kernel[job.method]
  if (method === undefined) throw new InvalidArgumentError('method', `a function of kernel ${job.kernel}`, job.method)
  for (;;) {
    const next = Atomics.add(job.counter, 0, 1)
    const call = job.calls[next]
    if (call === undefined) return
    try {
      job.results[next] = method(...call) ?? 0
    } catch (error) {
      Atomics.store(job.counter, 0, job.calls.length)
      throw error
    }
  }
}

function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer
}

async function startThread(): Promise<Thread> {
  // Sources run as .ts, the built package as .js.
  const url = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)
  return globalThis.process?.versions?.node === undefined ? startBrowserThread(url) : startNodeThread(url)
}

async function startNodeThread(url: URL): Promise<Thread> {
  const { Worker } = await import('node:worker_threads')
  const worker = new Worker(url)
  worker.unref()
  return {
    async run(job) {
      worker.ref()
      try {
        await new Promise<void>((resolve, reject) => {
          const failed = (reason: unknown) => reject(lost(reason))
          worker.once('error', failed)
          worker.once('exit', failed)
          worker.once('message', (reply: Reply) => {
            worker.off('error', failed)
            worker.off('exit', failed)
            settle(reply, resolve, reject)
          })
          worker.postMessage(job)
        })
      } finally {
        worker.unref()
      }
    },
  }
}

function startBrowserThread(url: URL): Thread {
  const worker = new Worker(url, { type: 'module' })
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        worker.onerror = (event) => reject(lost(event.message))
        worker.onmessage = (event: MessageEvent<Reply>) => settle(event.data, resolve, reject)
        worker.postMessage(job)
      }),
  }
}

function settle(reply: Reply, resolve: () => void, reject: (error: unknown) => void): void {
  if (reply.error === undefined) resolve()
  else reject(reply.error)
}

function lost(cause: unknown): UnsupportedError {
  return new UnsupportedError('kernel thread', 'a worker that runs to the end', String(cause), 'Use `threads: 1`.')
}
