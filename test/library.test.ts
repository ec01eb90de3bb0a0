import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  BusyError,
  type Collection,
  cosineSimilarity,
  embed,
  InvalidArgumentError,
  NotFoundError,
  open,
  PassportMismatchError,
  rowOf,
  similarityMatrix,
  topK,
  UnsupportedError,
} from '../src/index.ts'
import { fakeModel } from '../src/testing/fake-model.ts'

const records = [
  {
    id: 'returns',
    text: 'Items can be returned within 30 days of delivery. We refund the price you paid.',
    metadata: { area: 'orders' },
  },
  { id: 'shipping', text: 'Parcels leave our warehouse within one working day.', metadata: { area: 'orders' } },
  {
    id: 'password',
    text: 'To reset your password, follow the link in the e-mail we send you.',
    metadata: { area: 'account' },
  },
  {
    id: 'invoice',
    text: 'Invoices are sent by e-mail at the end of each month.',
    metadata: { area: 'billing', year: 2024 },
  },
  { id: 'opening', text: 'Our shop is open from nine to six, Monday to Saturday.' },
  { id: 'smile', text: '🙂🙂' },
]

let folder: string
let shop: Collection
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vecino-library-'))
  shop = await open(join(folder, 'shop.vecino'))
  await shop.add(records)
})
after(async () => {
  await shop.close()
  await rm(folder, { recursive: true })
})

test('a question finds its answer by meaning, by words and by both', async () => {
  for (const mode of ['semantic', 'keyword', 'hybrid'] as const) {
    const [first] = await shop.search('how do I reset my password?', { mode, explain: true })
    assert.equal(first?.id, 'password', mode)
    const { semantic, keyword } = first!.explain!
    assert.equal(first!.score, (semantic?.contribution ?? 0) + (keyword?.contribution ?? 0))
  }
})

test('meaning finds what shares no word with the question', async () => {
  const question = 'sending goods back for my money'
  assert.deepEqual(
    (await shop.search(question, { mode: 'keyword' })).filter(({ id }) => id === 'returns'),
    [],
  )
  const hits = await shop.search(question, { topK: 2 })
  assert.ok(hits.some(({ id, percentile }) => id === 'returns' && percentile! > 90))
})

test('a text of signs alone is kept, found by no meaning, and listed', async () => {
  const hits = await shop.search('shop', { mode: 'semantic', topK: 100 })
  assert.equal(hits.length, 5)
  assert.equal((await shop.get('smile'))?.text, '🙂🙂')
  const { ids, vectors } = await shop.vectors()
  assert.deepEqual([ids.length, vectors.rows, vectors.columns], [5, 5, vectors.passport!.dimensions])
  await assert.rejects(shop.similar('smile'), UnsupportedError)
})

test('filters narrow every mode, and a field nobody has is named', async () => {
  for (const mode of ['semantic', 'keyword', 'hybrid'] as const) {
    const hits = await shop.search('e-mail', { mode, filter: { field: 'area', eq: 'billing' } })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['invoice'],
      mode,
    )
  }
  await assert.rejects(
    shop.search('e-mail', { filter: { field: 'aera', eq: 'billing' } }),
    (error) => error instanceof InvalidArgumentError && /\$source, area, year/.test(error.message),
  )
})

test('neighbours of a source are others', async () => {
  const hits = await shop.similar('returns', { topK: 3 })
  assert.equal(hits.length, 3)
  assert.ok(hits.every(({ id }) => id !== 'returns'))
  await assert.rejects(shop.similar('nobody'), NotFoundError)
})

test('what is added can be read, listed and removed, and an unknown id removes nothing', async () => {
  const path = join(folder, 'small.vecino')
  const collection = await open(path)
  const long = Array.from({ length: 100 }, (_, i) => `This is sentence number ${i} of a longer text.`).join(' ')
  await collection.add([...records, { id: 'long', text: long, title: 'Long' }])
  const view = await collection.get('long')
  assert.equal(view?.text, long)
  assert.ok(view!.passages.length > 1)
  assert.equal(view!.passages[0]!.id, 'long#1')
  assert.equal(await collection.get('nobody'), undefined)
  assert.deepEqual(
    (await collection.list({ offset: 1, limit: 2 })).map(({ id }) => id),
    ['shipping', 'password'],
  )
  assert.deepEqual(
    (await collection.list({ filter: { field: 'area', eq: 'orders' } })).map(({ id }) => id),
    ['returns', 'shipping'],
  )
  await assert.rejects(collection.remove(['returns', 'nobody']), NotFoundError)
  await assert.rejects(collection.remove('long#1'), (error) =>
    /remove its source "long"/.test((error as Error).message),
  )
  assert.equal((await collection.status()).sources, 7)
  assert.equal(await collection.remove(['returns', 'long', 'long']), 2)
  const status = await collection.status()
  assert.deepEqual([status.sources, status.passages, status.model], [5, 5, 'starter'])
  assert.deepEqual(await collection.verify(), [])
  await collection.close()
})

test('a removed file comes back when its folder is added again', async () => {
  const docs = join(folder, 'docs')
  await mkdir(docs)
  await writeFile(join(docs, 'a.md'), '# Apples\n\nApples grow on trees.')
  await writeFile(join(docs, 'b.md'), '# Boats\n\nBoats sail the seas.')
  const collection = await open(join(folder, 'docs.vecino'))
  assert.equal((await collection.add(docs)).added, 2)
  await collection.remove('a.md')
  const report = await collection.add(docs)
  assert.deepEqual([report.added, report.unchanged], [1, 1])
  const [hit] = await collection.search('apples')
  assert.deepEqual([hit?.source, hit?.line], ['a.md', 1])
  await collection.close()
})

test('a collection is opened again with the model that made it, and refuses another', async () => {
  const path = join(folder, 'mine.vecino')
  const model = fakeModel()
  const collection = await open(path, { model })
  await collection.add(records)
  await collection.close()
  await assert.rejects(open(path), InvalidArgumentError)
  await assert.rejects(open(path, { model: 'starter' }), PassportMismatchError)
  await assert.rejects(open(path, { model: fakeModel({ seed: 1 }) }), PassportMismatchError)
  const again = await open(path, { model: fakeModel() })
  assert.equal((await again.search('password reset', { topK: 1 }))[0]?.id, 'password')
  await again.close()

  const starter = await open(join(folder, 'shop.vecino'))
  assert.equal((await starter.status()).model, 'starter')
  await starter.close()
})

test('a collection without a source is opened with any model, and remembers it', async () => {
  const path = join(folder, 'vacant.vecino')
  await (await open(path)).close()
  const model = fakeModel()
  const collection = await open(path, { model })
  assert.equal((await collection.status()).model, model.passport.model)
  await collection.add(records)
  assert.equal((await collection.search('password reset', { topK: 1 }))[0]?.id, 'password')
  await collection.close()
  await assert.rejects(open(path, { model: 'starter' }), PassportMismatchError)
})

test('a model whose rows have other lengths is brought to unit length', async () => {
  const unit = fakeModel()
  const passport = { ...unit.passport, normalized: false }
  const model = {
    ...unit,
    passport,
    embed: async (...call: Parameters<typeof unit.embed>) => {
      const { vectors, usage } = await unit.embed(...call)
      return { vectors: { ...vectors, data: vectors.data.map((value) => value * 7), passport }, usage }
    },
  }
  const collection = await open(join(folder, 'scaled.vecino'), { model })
  await collection.add(records.slice(0, 5))
  const [hit] = await collection.search(records[2]!.text, { mode: 'semantic' })
  assert.equal(hit?.id, 'password')
  assert.ok(Math.abs(hit!.score - 1) < 1e-5)
  await collection.close()
})

test('paid vectors are kept by content and never asked for twice', async () => {
  const path = join(folder, 'paid.vecino')
  const model = fakeModel({ cost: 'paid', queryPrompt: 'query ' })
  const collection = await open(path, { model })
  await collection.add(records)
  await collection.remove(records.map(({ id }) => id))
  const calls = model.calls.length
  const report = await collection.add(records)
  assert.deepEqual([report.embedded, report.reused], [0, records.length])
  assert.equal(model.calls.length, calls)
  await collection.search('password')
  const asked = model.calls.length
  await collection.search('password')
  assert.equal(model.calls.length, asked)
  await collection.close()
})

test('two writers: the second is told who writes, readers go on', async () => {
  const path = join(folder, 'busy.vecino')
  const one = await open(path)
  await one.add(records.slice(0, 2))
  const two = await open(path)
  async function* slow() {
    yield records[2]!
    await assert.rejects(two.add([records[3]!]), BusyError)
    assert.equal((await two.search('parcels'))[0]?.id, 'shipping')
    yield records[4]!
  }
  await one.add(slow())
  assert.equal((await two.status()).sources, 4)
  await one.close()
  assert.equal((await two.add([records[3]!])).added, 1)
  await two.close()
})

test('an export of one collection fills another', async () => {
  const target = join(folder, 'exported')
  const report = await shop.export(target)
  assert.deepEqual([report.sources, report.passages, report.vectors], [6, 6, 5])
  const copy = await open(join(folder, 'copy.vecino'))
  assert.equal((await copy.import(target)).added, 6)
  const [a, b] = [await shop.vectors(), await copy.vectors()]
  assert.deepEqual(b, a)
  const options = { mode: 'hybrid', topK: 5 } as const
  const ids = async (collection: Collection) =>
    (await collection.search('refund', options)).map(({ id, score }) => [id, score.toFixed(6)])
  assert.deepEqual(await ids(copy), await ids(shop))
  await copy.close()
})

test('what the collection does not answer is withheld at a false-alarm rate, what it answers stays', async () => {
  const hits = await shop.search('how do I reset my password?', { falseAlarmRate: 0.05 })
  assert.equal(hits[0]?.id, 'password')
  assert.deepEqual(await shop.search('What is the boiling point of tungsten?', { falseAlarmRate: 0.01 }), [])
})

test('bad openings are refused by name, and make no file', async () => {
  await assert.rejects(open(''), InvalidArgumentError)
  await assert.rejects(open(folder), InvalidArgumentError)
  await assert.rejects(open(join(folder, 'x.vecino'), { modle: 'starter' } as never), InvalidArgumentError)
  await assert.rejects(open(join(folder, 'x.vecino'), { model: join(folder, 'nowhere') }), NotFoundError)
  assert.equal(existsSync(join(folder, 'x.vecino')), false)
})

test('texts are embedded and compared without a collection', async () => {
  const vectors = await embed(['I love cats.', 'My favourite animal is a cat.', 'The economy is growing rapidly.'])
  assert.equal(vectors.rows, 3)
  const [cat, feline, economy] = [0, 1, 2].map((row) => rowOf(vectors, row)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  assert.ok(cosineSimilarity(cat, feline) > cosineSimilarity(cat, economy) + 0.1)
  const matrix = similarityMatrix(vectors)
  assert.ok(Math.abs(matrix.data[1]! - cosineSimilarity(cat, feline)) < 1e-5)
  const query = await embed('a text about cats', { task: 'query' })
  const { ids } = topK(query, vectors, { topK: 1 })
  assert.ok([0, 1].includes(ids[0]!))
  await assert.rejects(embed([7] as never), InvalidArgumentError)
  await assert.rejects(embed('x', { task: 'dokument' as never }), InvalidArgumentError)
})
