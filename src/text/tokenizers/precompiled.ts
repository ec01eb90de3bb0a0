import { CorruptDataError } from '../../spec/errors.ts'

/**
 * SentencePiece's compiled character map: a double-array trie from UTF-8 to offsets into a pool of replacements.
 * A grapheme under six bytes is looked up whole, else character by character.
 *
 * Source: the format of `darts-clone` (Yata 2007) and the `spm_precompiled` crate.
 */
export function readCharsMap(base64: string, place: string): (text: string) => string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const trieBytes = bytes.length >= 4 ? view.getUint32(0, true) : 0
  if (bytes.length < 4 || trieBytes % 4 !== 0 || trieBytes > bytes.length - 4)
    throw new CorruptDataError(
      place,
      'a character map with its trie within it',
      `${trieBytes} of ${bytes.length} bytes`,
      {
        remedy: 'Take the file from its source again.',
      },
    )
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true))
  const pool = bytes.subarray(4 + trieBytes)
  const encoder = new TextEncoder()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

  /** The replacement of the shortest key that begins `text`; undefined when none does. */
  const find = (text: string): string | undefined => {
    let node = offsetOf(units[0] ?? 0)
    for (const byte of encoder.encode(text)) {
      if (byte === 0) return undefined
      node ^= byte
      const unit = units[node]
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined
      node ^= offsetOf(unit)
      if (((unit >>> 8) & 1) === 1) {
        const start = (units[node] ?? 0) & 0x7fffffff
        const end = pool.indexOf(0, start)
        return decoder.decode(pool.subarray(start, end < 0 ? pool.length : end))
      }
    }
    return undefined
  }

  const known = new Map<string, string>()
  const replace = (grapheme: string): string => {
    const before = known.get(grapheme)
    if (before !== undefined) return before
    let result = encoder.encode(grapheme).length < 6 ? find(grapheme) : undefined
    result ??= Array.from(grapheme, (character) => find(character) ?? character).join('')
    if (known.size < 65536) known.set(grapheme, result)
    return result
  }
  return (text) => {
    let result = ''
    for (const { segment } of graphemes.segment(text)) result += replace(segment)
    return result
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6)
}
