import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'

/**
 * A pattern of tokenizer.json as a global regular expression: `{ String }` literally, `{ Regex }` translated.
 *
 * The file's dialect is Oniguruma's. Inline case folding `(?i:…)` and everything without a JavaScript twin is refused by
 * the engine's own SyntaxError, told as UnsupportedError, rather than read as something else.
 */
export function patternOf(pattern: unknown, place: string): RegExp {
  const { String: literal, Regex: source } = (pattern ?? {}) as { String?: unknown; Regex?: unknown }
  if (typeof literal === 'string') return new RegExp(literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu')
  if (typeof source !== 'string')
    throw new CorruptDataError(place, 'a pattern of String or Regex', typeof pattern, {
      remedy: 'Take the file from its source again.',
    })
  try {
    return new RegExp(translate(source), 'gu')
  } catch (cause) {
    throw new UnsupportedError(`${place}, pattern`, 'a regular expression that JavaScript knows', String(cause))
  }
}

/** Oniguruma to JavaScript's `u` mode: absolute anchors, possessive marks, and escapes that `u` forbids. */
function translate(source: string): string {
  return source
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$')
    .replace(/\\h/g, '[0-9a-fA-F]')
    .replace(/([+*?}])\+/g, '$1')
    .replace(/\\([^\w\s^$\\.*+?()[\]{}|/-])/gu, '$1')
}
