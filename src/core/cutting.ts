import { createHash } from 'node:crypto'
import type { AddOptions, SourceDocument } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { integerOption } from './options.ts'

/** How texts are cut into passages for a model. */
export interface Cutting {
  readonly maxTokens: number
  readonly overlapTokens: number
}

/** Longer passages blur what they say; shorter ones lose what they are about. */
const usualTokens = 256
const usualOverlap = 32
const fewestTokens = 8
/** Raise it when the chunker cuts otherwise, so that unchanged texts are cut anew. */
const cutterVersion = 1

/**
 * The options' cutting, within the model's window (its prompt taken off).
 *
 * @throws {InvalidArgumentError} for a passage longer than the window, or an overlap over half a passage.
 */
export function cuttingOf(
  { maxTokens, overlapTokens }: Pick<AddOptions, 'maxTokens' | 'overlapTokens'>,
  model: EmbeddingModel,
): Cutting {
  const { documentPrompt } = model.passport
  const prompt = documentPrompt === '' ? 0 : model.countTokens(documentPrompt)
  const window = Math.min(model.limits.tokensPerText, model.limits.tokensPerCall) - prompt
  if (window < fewestTokens)
    throw new InvalidArgumentError('model', `a window of at least ${fewestTokens} tokens beside its prompt`, window)
  const most = Number.isFinite(window) ? window : 1_000_000
  const tokens = integerOption('maxTokens', maxTokens, fewestTokens, most, Math.min(usualTokens, window))
  const usual = Math.min(usualOverlap, Math.floor(tokens / 4))
  return {
    maxTokens: tokens,
    overlapTokens: integerOption('overlapTokens', overlapTokens, 0, Math.floor(tokens / 2), usual),
  }
}

/** Names everything that decides which documents and passages a file gives, beside its bytes. */
export function settingsDigest(cutting: Cutting, { textFields, idField }: AddOptions): string {
  return sha256(JSON.stringify([cutterVersion, cutting.maxTokens, cutting.overlapTokens, textFields, idField]))
}

/** Equal digests: the same text under the same title and metadata, cut the same way. */
export function digestOf({ text, title, metadata, format }: SourceDocument, cutting: Cutting): string {
  const fields = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(
    JSON.stringify([cutterVersion, cutting.maxTokens, cutting.overlapTokens, format, title, fields, text.length]) +
      text,
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
