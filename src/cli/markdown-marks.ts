/** Emphasis, code ticks, images' and links' brackets and targets, HTML tags and comments. */
const marks =
  /\*\*|(?<![\w*])[*_](?=\w)|(?<=[\w.,!?])[*_](?![\w*])|`+|!?\[(?=[^\]\n]{0,200}\]\()|\]\([^)\n]{0,2000}\)|<!--[\s\S]{0,2000}?-->|<\/?[a-z][^<>\n]{0,500}>|^[ \t]*>[ \t]?|\{%[^%\n]{0,500}%\}/gim

/** Offsets of a Markdown text that a reader need not see: true where a unit belongs to the markup alone. */
export function markupUnits(text: string): Uint8Array {
  const hidden = new Uint8Array(text.length)
  for (const { index, 0: mark } of text.matchAll(marks)) hidden.fill(1, index, index + mark.length)
  return hidden
}
