/** The other threads of a transformer: open its graph once, then take runs of each job that is sent. */
import { parentPort, workerData } from 'node:worker_threads'
import { graphOnDisk } from './onnx-runtime.ts'
import { openTransformerGraph } from './transformer-graph.ts'
import type { EmbedJob } from './transformer-job.ts'
import { type GraphPlace, GraphRunner } from './transformer-runs.ts'

const place = workerData as GraphPlace
const opening = graphOnDisk(place.path).then((graph) => openTransformerGraph(graph, place.rewriting))
opening.catch(() => {})
parentPort?.on('message', async (job: EmbedJob) => {
  try {
    await new GraphRunner(await opening, place).takeRuns(job)
    parentPort?.postMessage({})
  } catch (error) {
    parentPort?.postMessage({ error })
  }
})
