/** The other threads of a `Pool`: run the job that is sent, say when done. Node's worker threads and browsers' workers. */
import { type Job, type Reply, takeCalls } from './pool.ts'

async function answer(job: Job): Promise<Reply> {
  try {
    await takeCalls(job)
    return {}
  } catch (error) {
    return { error }
  }
}

if (globalThis.process?.versions?.node === undefined) {
  globalThis.onmessage = async (event: MessageEvent<Job>) => globalThis.postMessage(await answer(event.data))
} else {
  const { parentPort } = await import('node:worker_threads')
  parentPort?.on('message', async (job: Job) => parentPort.postMessage(await answer(job)))
}
