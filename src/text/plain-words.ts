const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  copy: '©',
}
const entity = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-z]{2,6}));/g

/** All white space but a single space between words. */
const spaceToCollapse = /\s{2,}|[^\S ]/g

/**
 * What a stretch of `Structure.words` says: masked markup gone, white space collapsed, character references resolved.
 */
export function plainWords(words: string, start: number, end: number): string {
  let plain = words.slice(start, end)
  if (plain.includes('\0')) plain = plain.replace(/\0+/g, '')
  if (plain.includes('&'))
    plain = plain.replace(entity, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(entities, name) ? (entities[name] as string) : whole
      const point = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
      const isScalar = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
      return isScalar ? String.fromCodePoint(point) : whole
    })
  return plain.replace(spaceToCollapse, ' ').trim()
}
