/** Directional marks and overrides: they reorder what follows on the line, so a text could pose as another. */
const directional = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const lineBreaks = /[\n\r\t\u2028\u2029]/

/**
 * One character of a user's text as it may go to a terminal: line breaks and tabs become a space,
 * control characters their picture (U+2400 block), directional overrides U+FFFD. One unit in, one unit out,
 * so that offsets into the text stay true.
 */
export function safeUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  if (code >= 0x20 && code < 0x7f) return unit
  if (lineBreaks.test(unit)) return ' '
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  if ((code >= 0x80 && code < 0xa0) || directional.test(unit)) return '\ufffd'
  return unit
}

/** A user's text on one line, without anything that a terminal would obey. */
export function safeLine(text: string): string {
  let safe = ''
  for (let i = 0; i < text.length; i++) safe += safeUnit(text[i] as string)
  return safe.replace(/ +/g, ' ').trim()
}

/** A user's text with its line breaks and tabs, without anything else that a terminal would obey. */
export function safeText(text: string): string {
  let safe = ''
  for (let i = 0; i < text.length; i++) {
    const unit = text[i] as string
    safe += unit === '\n' || unit === '\t' ? unit : unit === '\r' ? '' : safeUnit(unit)
  }
  return safe
}
