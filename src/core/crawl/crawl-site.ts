import { gunzipSync } from 'node:zlib'
import { InvalidArgumentError, ProviderError, UnreadableInputError, VecinoError } from '../../spec/errors.ts'
import { sleep } from '../sleep.ts'
import { agentName, guardedGet, type Reply } from './guarded-get.ts'
import { parseRobots, type Robots } from './robots.ts'
import { parseSitemap } from './sitemap.ts'

export interface CrawlOptions {
  /** Pages read at most, integer ≥ 1. @default 1000 */
  readonly maxPages?: number | undefined
  /** Milliseconds between two requests; a longer wish of robots.txt, up to 30 s, is heeded. @default 500 */
  readonly delayMs?: number | undefined
  /** Let requests reach this machine and private networks: for a site of your own. @default false */
  readonly allowPrivate?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface CrawledPage {
  readonly url: string
  readonly html: string
}

export interface Crawl {
  readonly pages: readonly CrawledPage[]
  readonly skipped: readonly { readonly source: string; readonly message: string }[]
}

const mostPageBytes = 5_000_000
const mostSitemapBytes = 50_000_000
const mostSitemaps = 50
const mostRedirects = 5
const timeoutMs = 20_000
const longestDelayMs = 30_000

/**
 * The pages that a sitemap names: one request at a time, with a pause between, as robots.txt allows, from the sitemap's own
 * origin only. Redirects are checked like first requests and must stay on the origin.
 *
 * @throws {ProviderError} when the sitemap or robots.txt cannot be read, or the address is not public.
 * @throws {UnreadableInputError} for a sitemap that is none.
 */
export async function crawlSite(sitemap: string, options: CrawlOptions = {}): Promise<Crawl> {
  const { maxPages = 1000, delayMs = 500, allowPrivate = false, signal } = options
  for (const [name, value, least] of [
    ['maxPages', maxPages, 1],
    ['delayMs', delayMs, 0],
  ] as const)
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`options.${name}`, `an integer ≥ ${least}`, value)
  const start = addressOf(sitemap)
  if (start === undefined)
    throw new InvalidArgumentError('site', 'an http or https address without a name and password', sitemap)
  let pause = delayMs
  let isFirst = true
  const get = async (url: URL, mostBytes: number, robots?: Robots): Promise<Reply> => {
    let at = url
    for (let hops = 0; hops <= mostRedirects; hops++) {
      if (!isFirst) await sleep(pause, signal)
      isFirst = false
      const reply = await guardedGet(at, { mostBytes, timeoutMs, allowPrivate, signal })
      if (reply.status < 300 || reply.status > 399 || reply.location === undefined) return reply
      const next = addressOf(reply.location, at)
      if (next === undefined || next.origin !== start.origin)
        throw new ProviderError(at.host, 'expected a redirect within the site, got one to elsewhere.')
      if (robots?.allows(next.pathname + next.search) === false)
        throw new ProviderError(at.host, 'expected a page robots.txt allows, got a redirect to one it does not.')
      at = next
    }
    throw new ProviderError(url.host, `expected at most ${mostRedirects} redirects, got more.`)
  }
  const robots = await robotsOf(await get(new URL('/robots.txt', start), mostPageBytes), start)
  pause = Math.max(delayMs, Math.min(longestDelayMs, (robots.delaySeconds ?? 0) * 1000))
  const skipped: { source: string; message: string }[] = []
  const addresses = await pageAddresses(start, (url) => get(url, mostSitemapBytes, robots), skipped)
  const pages: CrawledPage[] = []
  for (const url of addresses) {
    signal?.throwIfAborted()
    if (pages.length === maxPages) {
      skipped.push({
        source: start.href,
        message: `${addresses.length - pages.length} more addresses: only ${maxPages} pages were asked for.`,
      })
      break
    }
    if (!robots.allows(url.pathname + url.search)) {
      skipped.push({ source: url.href, message: 'robots.txt does not allow it.' })
      continue
    }
    try {
      const { status, type, body } = await get(url, mostPageBytes, robots)
      if (status !== 200) skipped.push({ source: url.href, message: `answered with status ${status}.` })
      else if (!/html/i.test(type)) skipped.push({ source: url.href, message: 'is no HTML.' })
      else pages.push({ url: url.href, html: body.toString('utf8') })
    } catch (error) {
      if (!VecinoError.isInstance(error)) throw error
      skipped.push({ source: url.href, message: error.message })
    }
  }
  return { pages, skipped }
}

function addressOf(text: string, base?: URL): URL | undefined {
  const url = URL.parse(text, base)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    return undefined
  url.hash = ''
  return url
}

/** RFC 9309: no file allows everything, a server in trouble nothing. */
async function robotsOf({ status, body }: Reply, { host }: URL): Promise<Robots> {
  if (status >= 500 || status === 429)
    throw new ProviderError(host, `expected robots.txt or none, got status ${status}.`, {
      status,
      remedy: 'Try again later.',
    })
  return parseRobots(status === 200 ? body.toString('utf8') : '', agentName)
}

async function pageAddresses(
  start: URL,
  get: (url: URL) => Promise<Reply>,
  skipped: { source: string; message: string }[],
): Promise<URL[]> {
  const pages = new Map<string, URL>()
  const waiting = [start]
  const seen = new Set<string>()
  for (let next = waiting.shift(); next !== undefined && seen.size < mostSitemaps; next = waiting.shift()) {
    if (seen.has(next.href)) continue
    seen.add(next.href)
    const { status, body } = await get(next)
    if (status !== 200) throw new ProviderError(next.host, `expected a sitemap, got status ${status}.`, { status })
    const found = parseSitemap(unpacked(body, next.href))
    if (found === undefined)
      throw new UnreadableInputError(next.href, 'a sitemap (urlset or sitemapindex)', 'something else')
    for (const address of found.addresses) {
      const url = addressOf(address, next)
      if (url === undefined || url.origin !== start.origin)
        skipped.push({ source: address.slice(0, 200), message: 'lies outside the site.' })
      else if (found.kind === 'sitemaps') waiting.push(url)
      else pages.set(url.href, url)
    }
  }
  return [...pages.values()]
}

function unpacked(body: Buffer, place: string): string {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body.toString('utf8')
  try {
    return gunzipSync(body, { maxOutputLength: mostSitemapBytes }).toString('utf8')
  } catch (cause) {
    throw new UnreadableInputError(place, 'a sound gzip file of a sitemap', 'another', { cause })
  }
}
