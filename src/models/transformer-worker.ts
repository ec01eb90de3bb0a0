/** The other threads of a transformer: open its graph once, then take runs of each job that is sent. */
import { parentPort, workerData } from 'node:worker_threads'
import { type EmbedJob, type GraphPlace, GraphRunner } from './transformer-runs.ts'

const opening = GraphRunner.open(workerData as GraphPlace)
opening.catch(() => {})
parentPort?.on('message', async (job: EmbedJob) => {
  try {
    await (await opening).takeRuns(job)
    parentPort?.postMessage({})
  } catch (error) {
    parentPort?.postMessage({ error })
  }
})
