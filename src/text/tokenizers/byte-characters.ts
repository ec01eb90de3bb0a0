const encoder = new TextEncoder()

/** GPT-2's printable stand-ins: visible bytes stand for themselves, the others for U+0100 and up, in order. */
const characters = /* @__PURE__ */ standIns()

function standIns(): string[] {
  const table: string[] = []
  let next = 256
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    table.push(String.fromCharCode(visible ? byte : next++))
  }
  return table
}

/** A text's UTF-8 bytes, a character each. */
export function bytesToCharacters(text: string): string {
  let result = ''
  for (const byte of encoder.encode(text)) result += characters[byte]
  return result
}

/** The names of a text's UTF-8 bytes in vocabularies with byte fallback: `<0x0A>`. */
export function byteNames(text: string): string[] {
  return Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
}
