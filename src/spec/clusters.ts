import type { Matrix } from './matrix.ts'

/** An item of a cluster and how well it sits there. */
export interface ClusterMember {
  /** Row of the items. */
  readonly row: number
  readonly id: string
  /** Cosine to the cluster's centroid. */
  readonly similarity: number
}

/** An item that nearly belongs elsewhere. */
export interface BoundaryMember extends ClusterMember {
  /** The second nearest cluster, and how much nearer the own one is: cosine to it minus cosine to the other. */
  readonly other: number
  readonly margin: number
}

export interface Cluster {
  readonly label: number
  readonly size: number
  /** Distinctive words with commas between them, or what `nameWith` gave; empty where nothing distinguishes it. */
  readonly name: string
  readonly terms: readonly { readonly term: string; readonly score: number; readonly texts: number }[]
  /**
   * Mean Jaccard overlap with the most alike cluster of each subsample, in [0, 1]: above 0.75 it is there again whenever
   * one looks, below 0.5 it is not. Undefined where there was nothing to sample.
   */
  readonly stability: number | undefined
  /** Cosine to the centroid that 95 % of the members reach. */
  readonly reach: number
  /** Nearest to the centroid first. */
  readonly representatives: readonly ClusterMember[]
  /** Smallest margin first; empty where there is one cluster. */
  readonly boundary: readonly BoundaryMember[]
}

/** An item in no cluster, and why. */
export interface NoiseItem {
  readonly row: number
  readonly id: string
  /** The cluster nearest to it; undefined where there is none at all. */
  readonly nearest: number | undefined
  /** Cosine to its centroid, beside the one that 95 % of its members reach. */
  readonly similarity: number | undefined
  readonly reach: number | undefined
  /** `far`: outside the nearest cluster's reach; `sparse`: within it, but items lie too thinly there. */
  readonly reason: 'far' | 'sparse' | 'no-clusters'
}

/** How good each candidate k was; see `suggestK`. */
export interface ClusterCandidate {
  readonly k: number
  /** Mean silhouette by cosine distance, in [−1, 1]. */
  readonly silhouette: number
  /** The same for noise of equal covariance: what clustering finds where there is nothing to find. */
  readonly silhouetteOfNoise: number
  /** Agreement (adjusted Rand) of clusterings of two halves of the items; 1 where they are too few to halve. */
  readonly stability: number
  /** Silhouette above that of noise (all of it from 0.5 on), times stability to the power 1.2. */
  readonly score: number
}

export interface ClusterSuggestion {
  readonly k: number
  /** One sentence for people. */
  readonly reason: string
  /** Other k that are nearly as good, best first. */
  readonly alternatives: readonly number[]
  readonly candidates: readonly ClusterCandidate[]
}

/** Where a new item belongs. */
export interface ClusterAssignment {
  /** −1 where a clustering by density reaches no further. */
  readonly label: number
  readonly nearest: number
  /** Cosine to the nearest centroid, and how much the second nearest lies below; undefined for a single cluster. */
  readonly similarity: number
  readonly margin: number | undefined
}

/** Items in groups, with everything one needs to judge them. */
export interface Clusters {
  readonly method: 'k-means' | 'density'
  readonly k: number
  readonly seed: number
  readonly ids: readonly string[]
  /** Cluster of each item, 0 for the largest; −1 for noise. */
  readonly labels: Int32Array
  readonly clusters: readonly Cluster[]
  readonly noise: readonly NoiseItem[]
  /** Mean agreement (adjusted Rand) with clusterings of subsamples; undefined where there was nothing to sample. */
  readonly stability: number | undefined
  /** Where `k` was `'suggest'`. */
  readonly suggestion: ClusterSuggestion | undefined
  /** `k × dimensions`, unit length, with the passport of the items. */
  readonly centroids: Matrix
}

export interface ClusterOptions {
  /** `k-means`: every item in one of k clusters. `density`: where items lie close; the others are noise. @default 'k-means' */
  readonly method?: 'k-means' | 'density'
  /** For k-means: how many clusters, an integer in [1, different items], or `suggest`. @default 'suggest' */
  readonly k?: number | 'suggest'
  /** For density: least items of a cluster, integer ≥ 2. Larger: fewer, larger clusters. @default 1 % of the items, at least 5 and at most 50 */
  readonly minClusterSize?: number
  /** A safe integer; same seed, same bytes. @default 0 */
  readonly seed?: number
  /** Subsamples that stability is measured on, integer in [0, 100]; 0 measures none. @default 8 */
  readonly subsamples?: number
  /** Representative and boundary items a cluster, integer in [1, 1000]. @default 3 */
  readonly examples?: number
  /** Words and phrases of a name, integer in [1, 100]. @default 4 */
  readonly terms?: number
  /** Gives a cluster its name, a model that writes sentences for example; gets its terms and the texts of its representatives. */
  readonly nameWith?: ((cluster: Cluster, texts: readonly string[]) => Promise<string>) | undefined
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Clusters of a collection's sources or passages. */
export interface CollectionClusters extends Clusters {
  /** Items left out because the model knows no token of them. */
  readonly withoutVector: number
}
