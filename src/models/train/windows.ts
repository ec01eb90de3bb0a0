import type { Tokenizer } from '../../text/tokenizers/tokenizer.ts'
import type { Phrases } from '../phrases.ts'
import { spelled } from './openings.ts'
import type { TokenLists } from './token-lists.ts'

/**
 * Runs of words around rows that are met seldom, until each row is met often enough or the sentences end: short texts, which
 * a teacher reads quickly and in which the row weighs much.
 *
 * @param before - What is read in any case.
 * @param options.count - Windows at most.
 * @param options.pieces - Tokens of a window, integer ≥ 1; more where it would end within a word.
 * @param options.meetings - Of each row in all texts together.
 * @returns windows in the order of their sentences, each once, and how many rows are still met less often.
 */
export function windowsOf(
  sentences: readonly string[],
  tokenizer: Tokenizer,
  phrases: Phrases,
  before: readonly TokenLists[],
  options: { readonly count: number; readonly pieces: number; readonly meetings: number },
): { windows: string[]; wanting: number } {
  const tokens = tokenizer.size
  const met = new Int32Array(tokens + phrases.count)
  for (const { ids } of before) for (const row of ids) met[row]!++
  const inWord = Uint8Array.from({ length: tokens }, (_, id) => (tokenizer.tokenOf(id)?.startsWith('##') ? 1 : 0))
  const windows = new Set<string>()
  for (const sentence of sentences) {
    if (windows.size >= options.count) break
    const ids = tokenizer.encode(sentence)
    const rows = ids.slice()
    const count = phrases.join(rows, ids.length, tokens)
    let at = 0
    let free = 0
    for (const row of rows.subarray(0, count)) {
      const isWanted = at >= free && row !== tokenizer.unknownId && met[row]! < options.meetings
      if (isWanted && windows.size < options.count) {
        let from = Math.max(free, Math.min(at - (options.pieces >> 1), ids.length - options.pieces))
        while (from > free && inWord[ids[from] as number] === 1) from--
        let end = Math.min(ids.length, from + options.pieces)
        while (end < ids.length && inWord[ids[end] as number] === 1) end++
        const window = ids.slice(from, end)
        free = end
        const text = spelled(window, tokenizer)
        if (!window.includes(tokenizer.unknownId) && !windows.has(text)) {
          windows.add(text)
          for (const found of window.subarray(0, phrases.join(window, window.length, tokens))) met[found]!++
        }
      }
      at += row < tokens ? 1 : 2
    }
  }
  return { windows: [...windows], wanting: met.filter((times) => times < options.meetings).length }
}
