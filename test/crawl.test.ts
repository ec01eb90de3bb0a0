import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { crawlSite } from '../src/core/crawl/crawl-site.ts'
import { isPublicAddress } from '../src/core/crawl/public-address.ts'
import { parseRobots } from '../src/core/crawl/robots.ts'
import { parseSitemap } from '../src/core/crawl/sitemap.ts'
import { writeRelated } from '../src/index.ts'

type Answer = { status?: number; type?: string; body?: string | Buffer; location?: string }

async function serve(answers: Record<string, Answer>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { status = 200, type = 'text/html', body = '', location } = answers[request.url ?? ''] ?? { status: 404 }
    response.writeHead(status, { 'content-type': type, ...(location === undefined ? {} : { location }) }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const address = server.address() as { port: number }
  return { origin: `http://127.0.0.1:${address.port}`, asked }
}

const map = (...urls: string[]) => `<urlset>${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}</urlset>`
const page = (title: string, text: string) => ({
  body: `<html><title>${title}</title><main><h1>${title}</h1><p>${text}</p></main></html>`,
})

test('a site is crawled as robots.txt allows, within its origin, each page once; the rest is named', async () => {
  const answers: Record<string, Answer> = {
    '/robots.txt': { body: 'User-agent: *\nDisallow: /private/\n', type: 'text/plain' },
    '/a': page('A', 'cats'),
    '/b?x=1': page('B', 'dogs'),
    '/moved': { status: 301, location: '/a2' },
    '/a2': page('A2', 'birds'),
    '/away': { status: 302, location: 'http://example.org/' },
    '/sneaky': { status: 302, location: '/private/x' },
    '/loop': { status: 302, location: '/loop' },
    '/file': { type: 'application/pdf', body: 'x' },
  }
  const { origin, asked } = await serve(answers)
  const paths = ['/a', '/a#top', '/b?x=1', '/private/x', '/moved', '/away', '/sneaky', '/loop', '/file', '/gone']
  answers['/sitemap.xml'] = {
    body: `<sitemapindex><loc>${origin}/pages.xml.gz</loc><loc>${origin}/sitemap.xml</loc></sitemapindex>`,
  }
  answers['/pages.xml.gz'] = {
    body: gzipSync(
      map(...paths.map((path) => `${origin}${path}`), 'http://169.254.169.254/latest', 'file:///etc/passwd'),
    ),
  }
  const { pages, skipped } = await crawlSite(`${origin}/sitemap.xml`, { allowPrivate: true, delayMs: 0 })
  assert.deepEqual(
    pages.map(({ url }) => url.slice(origin.length)),
    ['/a', '/b?x=1', '/moved'],
  )
  assert.ok(!asked.includes('/private/x'))
  assert.equal(asked.filter((path) => path === '/a').length, 1)
  const reasons = skipped.map(({ source, message }) => `${source.replace(origin, '')} ${message}`).join('\n')
  for (const reason of [
    /169\.254.* lies outside/,
    /file:.* lies outside/,
    /\/private\/x robots/,
    /\/away .*redirect within the site/,
    /\/sneaky .*robots\.txt allows/,
    /\/loop .*at most 5 redirects/,
    /\/file is no HTML/,
    /\/gone answered with status 404/,
  ])
    assert.match(reasons, reason)
  const few = await crawlSite(`${origin}/sitemap.xml`, { allowPrivate: true, delayMs: 0, maxPages: 1 })
  assert.equal(few.pages.length, 1)
  assert.match(few.skipped.at(-1)!.message, /only 1 pages were asked for/)
})

test('private addresses are refused before anything is sent, as numbers, as names and in other clothes', async () => {
  const { origin, asked } = await serve({})
  const { port } = new URL(origin)
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '10.0.0.1',
    '169.254.169.254',
  ])
    await assert.rejects(crawlSite(`http://${host}:${port}/sitemap.xml`), /expected a public address/, host)
  assert.deepEqual(asked, [])
  for (const address of ['8.8.8.8', '2606:4700::1111']) assert.ok(isPublicAddress(address), address)
  for (const address of [
    '100.64.1.1',
    '192.168.1.1',
    'fe80::1',
    'fd00::1',
    '::',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '224.0.0.1',
    'x',
  ])
    assert.ok(!isPublicAddress(address), address)
  for (const url of ['ftp://example.org/', 'http://user:word@example.org/', 'nothing'])
    await assert.rejects(crawlSite(url), /expected an http or https address/)
})

test('a server in trouble, a page that is no sitemap and bad limits are refused', async () => {
  const options = { allowPrivate: true, delayMs: 0 }
  const { origin: troubled } = await serve({ '/robots.txt': { status: 503 } })
  await assert.rejects(crawlSite(`${troubled}/sitemap.xml`, options), /robots.txt or none, got status 503/)
  const { origin } = await serve({ '/sitemap.xml': page('No', 'sitemap') })
  await assert.rejects(crawlSite(`${origin}/sitemap.xml`, options), /expected a sitemap \(urlset or sitemapindex\)/)
  await assert.rejects(crawlSite(`${origin}/none.xml`, options), /expected a sitemap, got status 404/)
  await assert.rejects(crawlSite(origin, { maxPages: 0 }), /options.maxPages/)
  await assert.rejects(crawlSite(origin, { delayMs: -1 }), /options.delayMs/)
})

test('robots.txt: the longest rule wins, stars and ends count, the own group before that for all', () => {
  const robots = parseRobots(
    'User-agent: *\nDisallow: /\n\nUser-agent: Vecino\nUser-agent: other\nDisallow: /a\nAllow: /a/b\nDisallow: /*.pdf$ # files\nCrawl-delay: 2\n',
    'vecino',
  )
  const allowed = { '/': true, '/a': false, '/a/b/c': true, '/x.pdf': false, '/x.pdf?y': true, '/ab': false }
  for (const [path, expected] of Object.entries(allowed)) assert.equal(robots.allows(path), expected, path)
  assert.equal(robots.delaySeconds, 2)
  assert.equal(parseRobots('User-agent: *\nDisallow: /', 'vecino').allows('/x'), false)
  assert.equal(parseRobots('User-agent: *\nDisallow:\n', 'vecino').allows('/x'), true)
})

test('a sitemap gives its addresses, with entities and CDATA read', () => {
  assert.deepEqual(
    parseSitemap(
      '<?xml version="1.0"?><urlset xmlns="x"><loc> http://a/?x=1&amp;y=&#50; </loc><loc><![CDATA[http://b/<]]></loc></urlset>',
    ),
    {
      kind: 'pages',
      addresses: ['http://a/?x=1&y=2', 'http://b/<'],
    },
  )
  assert.equal(parseSitemap('<html>'), undefined)
})

test('boxes of a crawled site link to its pages', async () => {
  const answers: Record<string, Answer> = {
    '/cats': page('Cats', 'Cats sleep and play; a kitten learns from its mother cat.'),
    '/dogs': page('Dogs', 'Dogs play and walk; a puppy learns by praise.'),
    '/bread': page('Bread', 'Knead flour and water, bake the dough in the oven.'),
  }
  const { origin } = await serve(answers)
  answers['/sitemap.xml'] = { body: map(`${origin}/cats`, `${origin}/dogs`, `${origin}/bread`) }
  const out = join(mkdtempSync(join(tmpdir(), 'vecino-crawl-')), 'related')
  after(() => rmSync(join(out, '..'), { recursive: true, force: true }))
  const { related } = await writeRelated(`${origin}/sitemap.xml`, out, { allowPrivate: true, delayMs: 0, topK: 1 })
  assert.equal(related.items.length, 3)
  assert.match(readFileSync(join(out, 'boxes/cats.html'), 'utf8'), new RegExp(`<a href="${origin}/dogs">Dogs</a>`))
})
