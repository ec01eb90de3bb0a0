import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../write-static.ts'
import type { TableTrainer } from './table-trainer.ts'

/** Where a run stands: which stage, and how many of its steps are done. */
export interface Progress {
  readonly stage: 'regression' | 'contrast' | 'done'
  readonly step: number
}

/** Write the trainer's state and the progress in one file that a crash leaves whole: the old one or the new one. */
export async function saveCheckpoint(
  folder: string,
  run: string,
  trainer: TableTrainer,
  progress: Progress,
): Promise<void> {
  const header = Buffer.from(JSON.stringify({ ...progress, updates: trainer.steps }).padEnd(256))
  await writeWhole(join(folder, `${run}.checkpoint`), Buffer.concat([header, trainer.state()]))
}

/** Put the trainer where the last checkpoint of this run left it; undefined when there is none that fits. */
export async function loadCheckpoint(
  folder: string,
  run: string,
  trainer: TableTrainer,
): Promise<Progress | undefined> {
  let bytes: Buffer
  try {
    bytes = await readFile(join(folder, `${run}.checkpoint`))
  } catch {
    return undefined
  }
  const { stage, step, updates } = JSON.parse(bytes.subarray(0, 256).toString('utf8'))
  if (bytes.length - 256 !== trainer.state().length) return undefined
  trainer.restore(bytes.subarray(256), updates)
  return { stage, step }
}
