import { join } from 'node:path'
import { CorruptDataError, InvalidArgumentError, UnsupportedError } from '../spec/errors.ts'
import type { Reranked, Reranker } from '../spec/reranker.ts'
import { loadTokenizer } from '../text/tokenizers/load.ts'
import { type PairPart, pairTemplate } from '../text/tokenizers/pair-template.ts'
import type { Tokenizer, TokenizerJson } from '../text/tokenizers/tokenizer.ts'
import type { GraphDtype } from './graph-files.ts'
import { findGraph } from './graph-on-disk.ts'
import { onDisk } from './model-files.ts'
import { readModelJson } from './model-folder.ts'
import { graphOnDisk } from './onnx-runtime.ts'
import { type OnnxSession, openOnnxSession } from './onnx-session.ts'
import { readMaxTokens } from './transformer-config.ts'

export interface CrossEncoderOptions {
  /** Which of the folder's graphs to run. @default 'float32' */
  readonly dtype?: GraphDtype | undefined
  /** What messages call it. @default the folder */
  readonly name?: string | undefined
}

/**
 * Open a cross-encoder: a folder with tokenizer.json, config.json and an ONNX graph that scores a pair of texts.
 *
 * Scores are between 0 and 1 where the folder's settings ask for a sigmoid (what sentence-transformers does where they say
 * nothing), else as the graph gives them.
 *
 * @throws {MissingDependencyError} without `onnxruntime-node`, or `onnxruntime-web` in its place.
 * @throws {UnsupportedError} for a model with several labels, one that scores no pairs, and weights that are no ONNX.
 *
 * Cost of `rerank`: one run of the model a text, one after the other, so that no text changes another's score.
 */
export async function loadCrossEncoder(folder: string, options: CrossEncoderOptions = {}): Promise<Reranker> {
  const config = (await readModelJson(onDisk(folder), 'config.json')) ?? {}
  const labels = config['num_labels'] ?? Object.keys((config['id2label'] ?? {}) as object).length
  const architecture = String([config['architectures']].flat()[0])
  if (!architecture.endsWith('ForSequenceClassification') || labels !== 1)
    throw new UnsupportedError(
      folder,
      'a model that gives a pair of texts one score',
      architecture.endsWith('ForSequenceClassification') ? `${labels} labels` : architecture,
      'Rerankers are named so: cross-encoder/ms-marco-MiniLM-L-6-v2, BAAI/bge-reranker-base.',
    )
  const path = await findGraph(folder, options.dtype ?? 'float32')
  const [{ tokenizer }, json, maxTokens] = await Promise.all([
    loadTokenizer(folder),
    readModelJson(onDisk(folder), 'tokenizer.json'),
    readMaxTokens(onDisk(folder), {}, config),
  ])
  return new CrossEncoder({
    model: options.name ?? folder,
    path,
    tokenizer,
    template: pairTemplate(json as unknown as TokenizerJson, join(folder, 'tokenizer.json')),
    maxTokens,
    isSigmoid: wantsSigmoid(config),
    session: await openOnnxSession(await graphOnDisk(path), 'scores'),
  })
}

function wantsSigmoid(config: Record<string, unknown>): boolean {
  const own = (config['sentence_transformers'] as Record<string, unknown> | undefined)?.['activation_fn']
  const name = String(own ?? config['sbert_ce_default_activation_function'] ?? 'Sigmoid')
  return !name.endsWith('Identity')
}

interface Parts {
  readonly model: string
  readonly path: string
  readonly tokenizer: Tokenizer
  readonly template: readonly PairPart[]
  readonly maxTokens: number
  readonly isSigmoid: boolean
  readonly session: OnnxSession
}

class CrossEncoder implements Reranker {
  readonly model: string
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.model = parts.model
    this.parts = parts
  }

  async rerank(
    query: string,
    texts: readonly string[],
    options: Parameters<Reranker['rerank']>[2] = {},
  ): Promise<Reranked> {
    if (typeof query !== 'string' || query.trim() === '')
      throw new InvalidArgumentError('query', 'a text with at least one word', query)
    const { tokenizer } = this.parts
    const asked = tokenizer.encode(query)
    // All are looked at before the first run, so that a text that is too long costs nothing.
    const pairs = texts.map((text, i) => this.pair(asked, tokenizer.encode(text), `texts[${i}]`))
    const scores = new Float64Array(texts.length)
    for (const [i, pair] of pairs.entries()) {
      options.signal?.throwIfAborted()
      scores[i] = await this.score(pair)
    }
    return { scores }
  }

  close(): Promise<void> {
    return this.parts.session.close()
  }

  private pair(a: Int32Array, b: Int32Array, what: string): { ids: Int32Array; types: Int32Array } {
    const { template, maxTokens } = this.parts
    const ids: number[] = []
    const types: number[] = []
    for (const part of template) {
      const added = 'id' in part ? [part.id] : part.text === 'a' ? a : b
      for (const id of added) {
        ids.push(id)
        types.push(part.type)
      }
    }
    if (ids.length > maxTokens)
      throw new InvalidArgumentError(
        what,
        `at most ${maxTokens} tokens together with the query, the model's window`,
        ids.length,
        'Cut passages shorter (options.maxTokens of `add`); nothing is cut silently.',
      )
    return { ids: Int32Array.from(ids), types: Int32Array.from(types) }
  }

  private async score({ ids, types }: { ids: Int32Array; types: Int32Array }): Promise<number> {
    const { session, path, isSigmoid } = this.parts
    const { data } = await session.run({ ids, types, columns: ids.length })
    const [logit] = data
    if (data.length !== 1 || logit === undefined)
      throw new CorruptDataError(path, 'one score a pair', `${data.length}`, {
        remedy: 'Take the folder from its source again.',
      })
    return isSigmoid ? 1 / (1 + Math.exp(-logit)) : logit
  }
}
