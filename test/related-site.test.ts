import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { relatedItems, toMatrix, writeRelated } from '../src/index.ts'

const place = mkdtempSync(join(tmpdir(), 'vecino-related-'))
after(() => rmSync(place, { recursive: true, force: true }))

const pages: Record<string, string> = {
  'pasta.md': '# Pasta at home\n\nBoil water, add salt, cook the spaghetti and serve with tomato sauce and basil.',
  'pizza.md': '# Pizza dough\n\nKnead flour, water, yeast and salt; bake with tomato sauce, cheese and basil.',
  'cats.md': '# Living with cats\n\nCats sleep, play and need fresh water. A kitten learns from its mother.',
  'dogs.md': '# Training a puppy\n\nDogs learn by praise. A puppy needs play, sleep and walks.',
  'a b/<i>&.md':
    '# Soup & "salad" <script>alert(1)</script>\n\nCook vegetables in salted water; serve with bread and oil.',
}

function site(name: string): string {
  const folder = join(place, name)
  mkdirSync(join(folder, 'a b'), { recursive: true })
  for (const [path, text] of Object.entries(pages)) writeFileSync(join(folder, path), text)
  return folder
}

test('a folder of pages gets boxes, a JSON file and a page that compares, the same bytes each time', async () => {
  const folder = site('one')
  const out = join(place, 'out')
  const { related, files } = await writeRelated(folder, out, { topK: 2, baseUrl: 'https://example.org/blog' })
  assert.equal(files, 7)
  const first = (id: string) => related.items.find((item) => item.id === id)?.related[0]?.id
  assert.equal(first('cats.md'), 'dogs.md')
  assert.equal(first('pasta.md'), 'pizza.md')
  assert.ok(related.overlap > 0 && related.overlap <= 1)
  const box = readFileSync(join(out, 'boxes/cats.md.html'), 'utf8')
  assert.match(
    box,
    /<aside class="related" aria-labelledby="related-cats-md">\n {2}<h2 id="related-cats-md">Related articles<\/h2>/,
  )
  assert.match(box, /<a href="https:\/\/example.org\/blog\/dogs.md">Training a puppy<\/a>/)
  const json = readFileSync(join(out, 'related.json'), 'utf8')
  const document = JSON.parse(json)
  assert.equal(document.pages.length, 5)
  assert.equal(document.pages[0].related.length, 2)
  await writeRelated(folder, out, { topK: 2, baseUrl: 'https://example.org/blog' })
  assert.equal(readFileSync(join(out, 'related.json'), 'utf8'), json)
  const compared = readFileSync(join(out, 'index.html'), 'utf8')
  for (const page of [compared, box]) assert.doesNotMatch(page, /<script/)
  assert.match(compared, /a%20b\/%3Ci%3E%26.md/)
})

test('a folder that is not there, holds foreign files or too few pages, and an address that runs scripts are refused', async () => {
  const folder = site('two')
  await assert.rejects(writeRelated(join(place, 'nowhere'), join(place, 'x')), { name: 'NotFoundError' })
  await assert.rejects(writeRelated(folder, folder), /expected a new or empty folder, or one of an earlier run, got/)
  await assert.rejects(writeRelated(folder, join(place, 'y'), { baseUrl: 'javascript:alert(1)//' }), /options.baseUrl/)
  const lone = join(place, 'lone')
  mkdirSync(lone)
  writeFileSync(join(lone, 'a.md'), 'Only one page is here.')
  await assert.rejects(writeRelated(lone, join(place, 'z')), /items: expected at least 2, got 1/)
  await assert.rejects(writeRelated(folder, join(place, 'z'), { diversity: 2 }), /options.diversity/)
  await assert.rejects(writeRelated(folder, join(place, 'z'), { topK: 0 }), /options.topK/)
})

test('words alone, meaning alone and both decide as asked', async () => {
  const texts = ['red apple tree', 'red apple car', 'green pear', 'blue car']
  const items = {
    ids: ['a', 'b', 'c', 'd'],
    ...{ texts, titles: [undefined, undefined, undefined, undefined], metadata: [{}, {}, {}, {}] },
    vectors: toMatrix([
      [1, 0],
      [0, 1],
      [0.8, 0.6],
      [0.6, 0.8],
    ]),
  }
  const first = async (mode: 'meaning' | 'words' | 'both') => {
    const { items: related } = await relatedItems(items, { mode, topK: 1, diversity: 0 })
    return related.map((item) => item.related[0]?.id)
  }
  assert.deepEqual(await first('words'), ['b', 'a', undefined, 'b'])
  assert.deepEqual(await first('meaning'), ['c', 'd', 'd', 'c'])
  assert.equal((await first('both'))[2], 'd')
  await assert.rejects(relatedItems(items, { mode: 'taste' as 'words' }), /options.mode/)
})
