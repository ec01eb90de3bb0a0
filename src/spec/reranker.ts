/** Reads a query and a text together and says how well the text answers: slower and surer than comparing vectors. */
export interface Reranker {
  /** Name of the model, as the user wrote it. */
  readonly model: string
  /**
   * @param query - A text with at least one word.
   * @param texts - Any number; implementations pack them into calls of their own.
   * @param options.signal - Stops between calls.
   * @returns one score a text, in the order given; larger is better. Finite; comparable within one query only.
   * @throws {InvalidArgumentError} for a pair longer than the model's window: nothing is cut silently.
   */
  rerank(
    query: string,
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Reranked>
  close?(): Promise<void>
}

export interface Reranked {
  readonly scores: Float64Array
  /** What was paid by: tokens read, or searches where the provider counts those. Undefined for models that run here. */
  readonly usage?: { readonly tokens?: number | undefined; readonly searches?: number | undefined } | undefined
}
