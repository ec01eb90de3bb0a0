export interface Sitemap {
  /** Addresses of pages, or of further sitemaps. */
  readonly kind: 'pages' | 'sitemaps'
  readonly addresses: readonly string[]
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The addresses of a sitemap or of an index of sitemaps (sitemaps.org); undefined for any other text. */
export function parseSitemap(xml: string): Sitemap | undefined {
  const root = /<(?:[a-z]+:)?(urlset|sitemapindex)[\s>]/i.exec(xml.slice(0, 4096))?.[1]?.toLowerCase()
  if (root === undefined) return undefined
  const addresses: string[] = []
  for (const part of xml.split(/<(?:[a-z]+:)?loc>/i).slice(1)) {
    const end = part.indexOf('<', part.startsWith('<![CDATA[') ? 9 : 0)
    const raw = part.startsWith('<![CDATA[') ? part.slice(9, part.indexOf(']]>')) : part.slice(0, end)
    addresses.push(raw.trim().replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => decoded(name) ?? whole))
  }
  return { kind: root === 'urlset' ? 'pages' : 'sitemaps', addresses }
}

function decoded(name: string): string | undefined {
  if (!name.startsWith('#')) return entities[name.toLowerCase()]
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
