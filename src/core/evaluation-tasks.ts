interface TaskBase {
  /** As people call it: the file's name without endings, such as `stsb.test`. */
  readonly label: string
  /** Without the split, as in MTEB's `task_name`. */
  readonly name: string
  /** `test`, `dev`, `train`, …; `test` where the name says none. */
  readonly split: string
}

export interface LabelledTexts {
  readonly texts: readonly string[]
  readonly labels: readonly string[]
}

/** How alike are two texts, beside what people said. */
export interface StsTask extends TaskBase {
  readonly type: 'STS'
  readonly a: readonly string[]
  readonly b: readonly string[]
  readonly scores: readonly number[]
}

/** Do two texts belong together? */
export interface PairClassificationTask extends TaskBase {
  readonly type: 'PairClassification'
  readonly a: readonly string[]
  readonly b: readonly string[]
  readonly positive: readonly boolean[]
}

export interface ClassificationTask extends TaskBase {
  readonly type: 'Classification'
  readonly train: LabelledTexts
  readonly test: LabelledTexts
}

export interface ClusteringTask extends TaskBase, LabelledTexts {
  readonly type: 'Clustering'
}

export interface RetrievalDocument {
  readonly id: string
  readonly title: string | undefined
  readonly text: string
}

export interface RetrievalTask extends TaskBase {
  readonly type: 'Retrieval'
  readonly documents: readonly RetrievalDocument[]
  /** Those with a judgement. */
  readonly queries: readonly { readonly id: string; readonly text: string }[]
  /** Query id → document id → grade. */
  readonly judgements: ReadonlyMap<string, ReadonlyMap<string, number>>
}

/** Texts with known answers, to measure a model or a search by. */
export type EvaluationTask = StsTask | PairClassificationTask | ClassificationTask | ClusteringTask | RetrievalTask
