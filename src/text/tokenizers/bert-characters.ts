/** What BERT's normaliser and pre-tokeniser together make of one code point. */
export const characterKind = {
  /** Part of a word; it stands for itself. */
  word: 0,
  /** Ends a word and vanishes. */
  space: 1,
  /** A word of its own. */
  alone: 2,
  /** Vanishes without ending the word around it. */
  dropped: 3,
  /** Stands for other characters: see `replacementOf`. */
  replaced: 4,
} as const

export interface BertOptions {
  readonly cleanText: boolean
  readonly handleChineseChars: boolean
  readonly stripAccents: boolean
  readonly lowercase: boolean
}

const unknown = 255
const bmp = 0x10000
/** Below it no Unicode property is asked: their tables take milliseconds to be ready, which a cold start would wait for. */
const ascii = 128

/**
 * A table from code point to kind, filled as characters are met.
 *
 * The normaliser works on single characters (decomposition, accent removal and lower case do not look at neighbours),
 * so a table is exact. Source: BertNormalizer and BertPreTokenizer of the `tokenizers` crate.
 * Departs from it: categories are those of the running JavaScript engine's Unicode version, the crate's are older.
 */
export class BertCharacters {
  readonly kinds = new Uint8Array(bmp).fill(unknown)
  private readonly replacements = new Map<number, string>()
  private readonly options: BertOptions

  constructor(options: BertOptions) {
    this.options = options
    for (let code = 0; code < 128; code++) this.kindOf(code)
  }

  kindOf(code: number): number {
    const known = code < bmp ? (this.kinds[code] as number) : unknown
    if (known !== unknown) return known
    const kind = this.classify(code)
    if (code < bmp) this.kinds[code] = kind
    return kind
  }

  /** The characters that a `replaced` code point stands for: already normalised, spaces around those that stand alone. */
  replacementOf(code: number): string {
    const known = this.replacements.get(code)
    if (known !== undefined) return known
    const replacement = this.normalize(code)
    this.replacements.set(code, replacement)
    return replacement
  }

  private classify(code: number): number {
    if (this.options.cleanText) {
      if (code === 0 || code === 0xfffd || isControl(code)) return characterKind.dropped
      if (/\s/u.test(String.fromCodePoint(code))) return characterKind.space
    }
    const normal = this.normalize(code)
    if (normal === '') return characterKind.dropped
    if (normal !== String.fromCodePoint(code)) return characterKind.replaced
    return kindOfNormalized(code)
  }

  private normalize(code: number): string {
    let text = String.fromCodePoint(code)
    if (this.options.stripAccents && code >= ascii) text = text.normalize('NFD').replace(/\p{Mn}/gu, '')
    if (this.options.lowercase) text = text.toLowerCase()
    return this.options.handleChineseChars && isChinese(code) ? ` ${text} ` : text
  }
}

/** How the pre-tokeniser treats a character that went through the normaliser: `word`, `space` or `alone`. */
export function kindOfNormalized(code: number): number {
  const character = String.fromCodePoint(code)
  if (/\s/u.test(character)) return characterKind.space
  if (code < ascii) return /[!-/:-@[-`{-~]/.test(character) ? characterKind.alone : characterKind.word
  return /[\p{P}!-/:-@[-`{-~]/u.test(character) ? characterKind.alone : characterKind.word
}

function isControl(code: number): boolean {
  if (code === 9 || code === 10 || code === 13) return false
  if (code < ascii) return code < 32 || code === 127
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(String.fromCodePoint(code))
}

/** The blocks BERT calls Chinese: ideographs; neither kana nor Hangul. */
function isChinese(code: number): boolean {
  return (
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0x3400 && code <= 0x4dbf) ||
    (code >= 0x20000 && code <= 0x2a6df) ||
    (code >= 0x2a700 && code <= 0x2b73f) ||
    (code >= 0x2b740 && code <= 0x2b81f) ||
    (code >= 0x2b920 && code <= 0x2ceaf) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0x2f800 && code <= 0x2fa1f)
  )
}
