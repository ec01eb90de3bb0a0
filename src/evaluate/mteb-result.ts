import type { Evaluation } from './evaluation.ts'

/** One task's results in the shape of the files of MTEB's `results` folder. */
export interface MtebResult {
  readonly dataset_revision: string
  readonly task_name: string
  readonly mteb_version: string
  /** By split; one entry a subset. The interval's ends stand beside the main score, which MTEB's readers pass over. */
  readonly scores: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  /** Seconds; null where nobody measured. */
  readonly evaluation_time: number | null
  readonly kg_co2_emissions: null
}

/** MTEB's release whose procedures and names these are. */
const mtebVersion = '1.39.0'

export function mtebResult(
  task: {
    readonly name: string
    readonly split: string
    readonly revision: string
    readonly languages?: readonly string[]
  },
  evaluation: Evaluation,
  seconds: number | null,
): MtebResult {
  const { low, high, level } = evaluation.interval
  return {
    dataset_revision: task.revision,
    task_name: task.name,
    mteb_version: mtebVersion,
    scores: {
      [task.split]: [
        {
          ...evaluation.scores,
          main_score: evaluation.value,
          main_score_low: low,
          main_score_high: high,
          main_score_level: level,
          hf_subset: 'default',
          languages: task.languages ?? ['eng-Latn'],
        },
      ],
    },
    evaluation_time: seconds,
    kg_co2_emissions: null,
  }
}
