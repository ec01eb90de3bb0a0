import { UnsupportedError } from '../../spec/errors.ts'
import type { Component, TokenizerJson } from './tokenizer.ts'

/** A part of a pair as the model reads it: a special token, or one of the two texts; with its segment. */
export type PairPart =
  | { readonly id: number; readonly type: number }
  | { readonly text: 'a' | 'b'; readonly type: number }

interface TemplateItem {
  readonly SpecialToken?: { readonly id: string; readonly type_id: number }
  readonly Sequence?: { readonly id: 'A' | 'B'; readonly type_id: number }
}

/**
 * How two texts are put together, by the `post_processor` of tokenizer.json.
 *
 * @throws {UnsupportedError} when it says nothing of pairs.
 */
export function pairTemplate(json: TokenizerJson, place: string): PairPart[] {
  const found = fromProcessor(json.post_processor)
  if (found === undefined || !['a', 'b'].every((text) => found.some((part) => 'text' in part && part.text === text)))
    throw new UnsupportedError(`${place}, post_processor`, 'a template for pairs of texts', 'none')
  return found
}

function fromProcessor(processor: Component | null | undefined): PairPart[] | undefined {
  if (processor === null || processor === undefined) return undefined
  const special = (name: 'cls' | 'sep', type: number) => ({ id: (processor[name] as [string, number])[1], type })
  switch (processor.type) {
    case 'Sequence':
      for (const part of (processor['processors'] ?? []) as Component[]) {
        const found = fromProcessor(part)
        if (found !== undefined) return found
      }
      return undefined
    case 'BertProcessing':
      return [special('cls', 0), { text: 'a', type: 0 }, special('sep', 0), { text: 'b', type: 1 }, special('sep', 1)]
    case 'RobertaProcessing':
      return [
        special('cls', 0),
        { text: 'a', type: 0 },
        special('sep', 0),
        special('sep', 0),
        { text: 'b', type: 0 },
        special('sep', 0),
      ]
    case 'TemplateProcessing':
      return fromTemplate(processor)
    default:
      return undefined
  }
}

function fromTemplate(processor: Component): PairPart[] {
  const tokens = (processor['special_tokens'] ?? {}) as Record<string, { ids: number[] }>
  return ((processor['pair'] ?? []) as TemplateItem[]).flatMap(
    ({ Sequence: text, SpecialToken: token }): PairPart[] => {
      if (text !== undefined) return [{ text: text.id === 'A' ? 'a' : 'b', type: text.type_id }]
      return (tokens[token?.id ?? '']?.ids ?? []).map((id) => ({ id, type: token?.type_id ?? 0 }))
    },
  )
}
