import { UnsupportedError } from '../../spec/errors.ts'
import type { Component } from './tokenizer.ts'

interface TemplateItem {
  readonly SpecialToken?: { readonly id: string }
  readonly Sequence?: unknown
}

/** The ids a `post_processor` puts around a single text. */
export function specialTokens(
  processor: Component | null | undefined,
  place: string,
): { prefixIds: Int32Array; suffixIds: Int32Array } {
  const prefix: number[] = []
  const suffix: number[] = []
  collect(processor, prefix, suffix, place)
  return { prefixIds: Int32Array.from(prefix), suffixIds: Int32Array.from(suffix) }
}

function collect(processor: Component | null | undefined, prefix: number[], suffix: number[], place: string): void {
  if (processor === null || processor === undefined || processor.type === 'ByteLevel') return
  if (processor.type === 'Sequence') {
    for (const part of (processor['processors'] ?? []) as Component[]) collect(part, prefix, suffix, place)
  } else if (processor.type === 'TemplateProcessing') {
    const tokens = processor['special_tokens'] as Record<string, { ids: number[] }>
    let seen = false
    for (const item of processor['single'] as TemplateItem[]) {
      if (item.Sequence !== undefined) seen = true
      else if (item.SpecialToken !== undefined)
        (seen ? suffix : prefix).push(...(tokens[item.SpecialToken.id]?.ids ?? []))
    }
  } else if (processor.type === 'BertProcessing' || processor.type === 'RobertaProcessing') {
    prefix.push((processor['cls'] as [string, number])[1])
    suffix.push((processor['sep'] as [string, number])[1])
  } else {
    throw new UnsupportedError(
      `${place}, post_processor`,
      'TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel or Sequence',
      String(processor.type),
    )
  }
}
