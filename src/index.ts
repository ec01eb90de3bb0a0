export { calibrationError } from './analyses/classify/calibration.ts'
export { type ClassifierReport, type EvaluateOptions, evaluateClassifier } from './analyses/classify/evaluate.ts'
export { classify, type Prediction } from './analyses/classify/predict.ts'
export { classifierFromJson, classifierToJson } from './analyses/classify/saved.ts'
export { type Classifier, type TrainOptions, trainClassifier, zeroShotClassifier } from './analyses/classify/train.ts'
export { type ClusterName, type ClusterNamesOptions, type ClusterTerm, clusterNames } from './analyses/cluster-names.ts'
export { type ClusterInput, clusters } from './analyses/clusters.ts'
export { diversify } from './analyses/diversify.ts'
export { type DuplicateGroup, type DuplicateOptions, duplicates, type RemovedItem } from './analyses/duplicates.ts'
export type { MapColoring } from './analyses/map/coloring.ts'
export { drawMap, type MapOptions } from './analyses/map/draw-map.ts'
export { parseSavedMap } from './analyses/map/saved-map.ts'
export { type OutlierOptions, type Outliers, outliers } from './analyses/outliers.ts'
export { type DrawnPairs, PairTail } from './analyses/pair-tail.ts'
export { recommend } from './analyses/recommend.ts'
export { type RelatedOptions, relatedItems } from './analyses/related.ts'
export { type Representatives, type RepresentativesOptions, representatives } from './analyses/representatives.ts'
export { assignToClusters, clustersFromJson, clustersToJson } from './analyses/saved-clusters.ts'
export { silhouette } from './analyses/silhouette.ts'
export { type SuggestKOptions, suggestK } from './analyses/suggest-k.ts'
export { type ArithmeticResult, type ArithmeticSumOptions, arithmetic } from './arithmetic.ts'
export { chooseModel } from './choose-model.ts'
export { compareTexts, type TextComparison } from './compare-texts.ts'
export type { Choice, ChoiceRow, ChooseOptions } from './core/choose.ts'
export type { ChooseDocument, ChooseQuery, QuerySource } from './core/choose-queries.ts'
export type { KeptDtype } from './core/choose-variants.ts'
export type { ContestantResult, TaskResults } from './core/evaluate.ts'
export type {
  ClassificationTask,
  ClusteringTask,
  EvaluationTask,
  LabelledTexts,
  PairClassificationTask,
  RetrievalTask,
  StsTask,
} from './core/evaluation-tasks.ts'
export { type ReadTasks, readEvaluationTasks } from './core/read-evaluation-tasks.ts'
export { type EmbedOptions, embed } from './embed.ts'
export { type EmbedWordsOptions, embedWords, type WordUse } from './embed-words.ts'
export { type AnalogyAccuracy, type AnalogyQuestion, analogyAccuracy, parseAnalogies } from './evaluate/analogies.ts'
export { averagePrecision } from './evaluate/average-precision.ts'
export {
  type BootstrapOptions,
  bootstrapReplicates,
  type Interval,
  percentileInterval,
} from './evaluate/bootstrap.ts'
export {
  type ClassificationSet,
  drawExamples,
  type ExamplesOptions,
  evaluateClassification,
} from './evaluate/classification.ts'
export { adjustedRand, vMeasure } from './evaluate/cluster-agreement.ts'
export { type ClusteringOptions, evaluateClustering } from './evaluate/clustering.ts'
export { type ComparedSystems, type CompareSystemsOptions, compareSystems } from './evaluate/compare-systems.ts'
export type { Evaluation, EvaluationOptions, EvaluationType } from './evaluate/evaluation.ts'
export { type MtebResult, mtebResult } from './evaluate/mteb-result.ts'
export { evaluatePairClassification } from './evaluate/pair-classification.ts'
export { type PairedBootstrapOptions, type PairedDifference, pairedBootstrap } from './evaluate/paired-bootstrap.ts'
export {
  averagePrecisionAtK,
  type Judgements,
  ndcgAtK,
  precisionAtK,
  type Run,
  rankDocuments,
  recallAtK,
  reciprocalRankAtK,
} from './evaluate/retrieval.ts'
export { evaluateRetrieval, type RetrievalEvaluationOptions } from './evaluate/retrieval-evaluation.ts'
export { spearman } from './evaluate/spearman.ts'
export { evaluateSts } from './evaluate/sts.ts'
export { type WordRelation, wordRelation } from './evaluate/word-relation.ts'
export { parseWordPairs, type WordPair, type WordSimilarity, wordSimilarity } from './evaluate/word-similarity.ts'
export { type EvaluateModelsOptions, evaluateModels } from './evaluate-models.ts'
export { cosineSimilarity, type Nearest, similarityMatrix, type TopKOptions, topK } from './kernels/compare.ts'
export {
  createIndex,
  type ExactIndex,
  type IndexOptions,
  loadIndex,
  type SearchOptions as IndexSearchOptions,
} from './kernels/exact-index.ts'
export { createHammingIndex, type HammingIndex, type HammingOptions, recallOf } from './kernels/hamming.ts'
export { type Hdbscan, type HdbscanOptions, hdbscan } from './kernels/hdbscan.ts'
export { type KMeans, type KMeansOptions, kMeans } from './kernels/k-means.ts'
export { type KnnGraphOptions, knnGraph } from './kernels/knn-graph.ts'
export {
  type LogisticRegression,
  type LogisticRegressionOptions,
  logisticRegression,
} from './kernels/logistic-regression.ts'
export type { Metric } from './kernels/metric.ts'
export { type Pca, type PcaOptions, pca } from './kernels/pca.ts'
export {
  type Precision,
  type QuantizedMatrix,
  type QuantizeOptions,
  quantize,
  type Ranges,
  rangesOf,
} from './kernels/quantize.ts'
export { createRandom, type Random } from './kernels/random.ts'
export { type JoinOptions, type Pairs, similarityJoin } from './kernels/similarity-join.ts'
export {
  type SparseMatrix,
  type TruncatedSvd,
  type TruncatedSvdOptions,
  truncatedSvd,
} from './kernels/truncated-svd.ts'
export { type Trustworthiness, type TrustworthinessOptions, trustworthiness } from './kernels/trustworthiness.ts'
export { type Tsne, type TsneOptions, tsne } from './kernels/tsne.ts'
export { type Umap, type UmapStart, umap } from './kernels/umap.ts'
export type { UmapOptions } from './kernels/umap-settings.ts'
export { umapTransform } from './kernels/umap-transform.ts'
export { type MostSimilarOptions, type SimilarWord, WordVectors } from './kernels/word-vectors.ts'
export { type Word2vecOptions, word2vec } from './kernels/word2vec.ts'
export { type ListedModel, listModels } from './model-catalogue.ts'
export { type ItemVectorsOptions, itemVectors, parseBaskets } from './models/item-vectors.ts'
export { type Pull, type PullOptions, type PullPlan, type PullReport, planPull } from './models/pull.ts'
export { type TrainedWords, type TrainWordsOptions, trainWords } from './models/train-words.ts'
export { readWordVectors, type WordVectorFormat, writeWordVectors } from './models/word-vectors.ts'
export { defaultCollectionPath, type OpenOptions, open } from './open.ts'
export { namedReranker } from './registry.ts'
export { type RelatedSite, type RelatedSiteOptions, writeRelated } from './related-site.ts'
export * from './spec/index.ts'
