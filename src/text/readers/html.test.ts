import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UnreadableInputError } from '../../spec/errors.ts'
import { readAs } from '../fixtures/read-text.ts'

async function textOf(html: string): Promise<string> {
  return (await readAs('html', html)).documents[0]?.text ?? ''
}

const page = `<!doctype html>
<html lang="en"><head><title>Returns — Shop</title>
<meta name="description" content="How to return"><meta name="keywords" content="returns, refund">
<style>.a { color: red }</style><script>if (a < b) alert("</p>")</script></head>
<body>
<header><a href="/">Shop</a> <h2>Logo</h2></header>
<nav><ul><li><a href="/a">First menu</a></li><li><a href="/b">Second menu</a></li></ul></nav>
<main>
  <h1>Returns &amp; refunds</h1>
  <p>Items can be returned
     within <b>30 days</b>.<br>Keep the receipt.</p>
  <ul>
    <li>Unworn</li>
    <li><p>With a tag</p></li>
  </ul>
  <aside>An advert that nobody asked for</aside>
  <div class="related-posts"><a href="/x">Some other page</a> <a href="/y">Another page</a></div>
  <h2>How long?</h2>
  <pre>line one
  line two</pre>
  <table><tr><th>Kind</th><th>Days</th></tr><tr><td>Shoes</td><td>30</td></tr></table>
  <form><label>Your e-mail</label><input name="m"></form>
  <p hidden>Not shown</p>
</main>
<footer>Imprint</footer>
</body></html>`

test('a page gives its main text with its structure, and nothing of what surrounds it', async () => {
  assert.equal(
    await textOf(page),
    [
      '# Returns & refunds',
      '',
      'Items can be returned within 30 days.',
      'Keep the receipt.',
      '',
      '- Unworn',
      '- With a tag',
      '',
      '## How long?',
      '',
      '```',
      'line one',
      '  line two',
      '```',
      '',
      '| Kind | Days |',
      '| Shoes | 30 |',
    ].join('\n'),
  )
})

test('the title is the only h1, and meta data becomes metadata', async () => {
  const [document] = (await readAs('html', page)).documents
  assert.equal(document?.title, 'Returns & refunds')
  assert.deepEqual(
    { ...document?.metadata },
    {
      language: 'en',
      description: 'How to return',
      keywords: ['returns', 'refund'],
    },
  )
  const untitled = await readAs('html', '<title> A  b </title><h1>x</h1><p>words</p><h1>y</h1>')
  assert.equal(untitled.documents[0]?.title, 'A b')
})

test('every word keeps the line of the file on which it stands', async () => {
  const [document] = (await readAs('html', page)).documents
  const { text, lineAt } = document as NonNullable<typeof document>
  const lines = page.split('\n')
  for (const word of [
    'Returns',
    'Items',
    'within',
    '30',
    'Keep',
    'Unworn',
    'With',
    'How',
    'one',
    'two',
    'Kind',
    'Shoes',
  ]) {
    const at = text.search(new RegExp(`\\b${word}\\b`))
    assert.ok(lines[lineAt(at) - 1]?.includes(word), `${word} is not on line ${lineAt(at)}`)
  }
})

test('articles are read where there is no main, and the body where there is neither', async () => {
  assert.equal(
    await textOf(
      '<div>side words</div><article><p>first long enough piece</p></article><article>second long enough piece</article>',
    ),
    'first long enough piece\n\nsecond long enough piece',
  )
  assert.equal(await textOf('<p>one<p>two'), 'one\n\ntwo')
})

test('a block of links is a menu, a link in a sentence is not', async () => {
  const links = '<a href="1">first page</a> <a href="2">second page</a> <a href="3">third page</a>'
  const words = 'A sentence with <a href="4">a link</a> and many words around it.'
  assert.equal(
    await textOf(`<body><div>${links}</div><p>${words}</p>`),
    'A sentence with a link and many words around it.',
  )
  assert.equal(await textOf(`<body><ul>${links}</ul>`), 'first page second page third page', 'a page of links alone')
})

test('a form that holds the page is the page', async () => {
  assert.equal(
    await textOf('<body><form><p>All of the words are in this form.</p></form>'),
    'All of the words are in this form.',
  )
})

test('a page without words is passed over', async () => {
  await assert.rejects(readAs('html', '<html><body><script>x()</script></body></html>'), UnreadableInputError)
})

test('elements nested too deep are refused, many in a row are read', async () => {
  await assert.rejects(
    readAs('html', '<div>'.repeat(2000)),
    (error: unknown) => error instanceof UnreadableInputError && /1000 deep/.test(error.message),
  )
  assert.match(await textOf('<p>word</b></i></p>'.repeat(20_000)), /^word\n\nword/)
})

test('any text is read as HTML without a failure, each offset on a line of the file', async () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '<p>',
      '</p>',
      '<li>',
      '<table>',
      '<tr>',
      '<td>',
      '<pre>',
      '<h1>',
      '</h1>',
      '<br>',
      '\n',
      '<!--',
      '-->',
      '&amp;',
    ),
    fc.constantFrom(
      '<div class="nav">',
      '<a href="">',
      '</a>',
      '<script>',
      '</script>',
      '<title>',
      '<main>',
      '</',
      '<',
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece), async (pieces) => {
      const html = pieces.join('').replaceAll('\0', '')
      try {
        const [document] = (await readAs('html', html)).documents
        const lines = html.split('\n').length
        for (let at = 0; at < (document?.text.length ?? 0); at++) {
          const line = document?.lineAt(at) ?? 0
          assert.ok(line >= 1 && line <= lines, `line ${line} of ${lines}`)
        }
      } catch (error) {
        assert.ok(error instanceof UnreadableInputError, String(error))
      }
    }),
    { numRuns: 300 },
  )
})
