import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareSystems } from '../evaluate/compare-systems.ts'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { fakeModel } from '../testing/fake-model.ts'
import { choose } from './choose.ts'
import { type ChooseDocument, drawQueries } from './choose-queries.ts'
import { asKept, bytesPerVector, shortened } from './choose-variants.ts'

const words = 'ash bay cow dew elm fog gin hay ivy jam kit log mud nut oak pea rye sun tea urn vat wax yew zoo'.split(
  ' ',
)
const random = createRandom(5)
const pick = (count: number) => Array.from({ length: count }, () => words[random.below(words.length)]).join(' ')
/** Documents whose title repeats some of their words. */
const documents: ChooseDocument[] = Array.from({ length: 80 }, (_, i) => {
  const text = pick(14)
  return { id: `d${i}`, title: `${text.split(' ').slice(0, 5).join(' ')} ${pick(2)}`, text }
})

test('equal systems are called different in at most 5 % of 200 comparisons, a better one is found in 95 %', () => {
  const draw = createRandom(11)
  const run = (gain: number) => {
    // Scores like nDCG@10: many equal, some queries one finds and the other does not.
    const pairs = Array.from({ length: 120 }, () => {
      const shared = draw.float64() < 0.5 ? 1 : draw.float64() < 0.5 ? 0 : draw.float64()
      const jitter = () => (draw.float64() < 0.25 ? draw.float64() - shared : 0)
      return [shared + jitter(), shared + jitter() + (draw.float64() < 0.5 ? gain : 0)] as const
    })
    return compareSystems([pairs.map(([a]) => a), pairs.map(([, b]) => b)], { resamples: 400, seed: draw.uint32() })
  }
  let falseAlarms = 0
  let found = 0
  for (let i = 0; i < 200; i++) {
    if (run(0).againstBest.some(({ isDetectable }) => isDetectable)) falseAlarms++
    const { best, againstBest } = run(0.3)
    if (best === 1 && againstBest[0]?.isDetectable) found++
  }
  assert.ok(falseAlarms <= 10, `${falseAlarms} of 200 equal pairs called different`)
  assert.ok(found >= 190, `${found} of 200 better systems found`)
})

test('queries are taken out of the documents that they ask for', () => {
  const titled = drawQueries([...documents.slice(0, 4), { id: 'x', title: 'Ash Bay', text: '# Ash *bay*\n\nmore' }], {
    most: 10,
    seed: 0,
  })
  assert.equal(titled.from, 'titles')
  assert.deepEqual([...(titled.queries[4]?.relevant.keys() ?? [])], ['x'])
  assert.equal(titled.documents[4]?.text, '\nmore')

  const parts = [1, 2].map((i) => ({ id: `p${i}`, text: `intro\n\n## Part one\n\ntext\n\n## Part ${i} two\n\nmore` }))
  const headed = drawQueries(parts, { from: 'headings', most: 10, seed: 0 })
  assert.deepEqual(
    headed.queries.map(({ text, relevant }) => [text, [...relevant.keys()]]),
    [
      ['Part one', ['p1', 'p2']],
      ['Part 1 two', ['p1']],
      ['Part 2 two', ['p2']],
    ],
  )
  assert.ok(headed.documents.every(({ text }) => !text.includes('Part')))

  const prose = ['a', 'b'].map((id) => ({
    id,
    text: `The ${id} cow ate hay all day. The ${id} sun shone on the bay. The ${id} fog hid the old oak.`,
  }))
  const spoken = drawQueries(prose, { from: 'sentences', most: 10, seed: 0 })
  for (const [i, { text, relevant }] of spoken.queries.entries()) {
    assert.ok(relevant.has(prose[i]!.id) && prose[i]!.text.includes(text))
    assert.ok(!spoken.documents[i]!.text.includes(text))
  }
})

test('as many queries as asked for are drawn, the same by the same seed', () => {
  const drawn = (seed: number) => drawQueries(documents, { most: 20, seed }).queries.map(({ text }) => text)
  assert.equal(drawn(1).length, 20)
  assert.deepEqual(drawn(1), drawn(1))
  assert.notDeepEqual(drawn(1), drawn(2))
})

test('vectors are cut to unit length and kept within a step of their values', () => {
  const matrix = createMatrix(2, 3, Float32Array.of(3, 4, 12, 0, 0, 1))
  const short = shortened(matrix, 2)
  assert.deepEqual([...short.data], [3 / 5, 4 / 5, 0, 0].map(Math.fround))
  const { documents: kept } = asKept(matrix, matrix, 'int8')
  for (const [i, value] of kept.data.entries()) assert.ok(Math.abs(value - (matrix.data[i] as number)) <= 12 / 255)
  assert.deepEqual([...asKept(matrix, matrix, 'binary').queries.data], [1, 1, 1, -1, -1, 1])
  assert.deepEqual(
    [bytesPerVector(100, 'float32'), bytesPerVector(100, 'int8'), bytesPerVector(100, 'binary')],
    [400, 100, 13],
  )
})

test('the cheapest of the choices that are no different is taken, and a worse one is not', async () => {
  const models = new Map<string, EmbeddingModel>([['words', fakeModel({ dimensions: 64 })]])
  let now = 0
  const choice = await choose(documents, models, {
    dimensions: [2, 64],
    dtypes: ['float32', 'int8'],
    clock: () => (now += 1000),
  })
  assert.deepEqual([choice.documents, choice.queries, choice.from, choice.rows.length], [80, 80, 'titles', 4])
  assert.ok(choice.rows.every(({ dimensions, isWorse }) => isWorse === (dimensions === 2)))
  const taken = choice.rows[choice.chosen]
  assert.deepEqual([taken?.dimensions, taken?.dtype, taken?.bytes, taken?.usd], [64, 'int8', 80 * 64, 0])
  assert.match(choice.verdict, /^words, 64 dimensions, int8: /)
  assert.deepEqual(
    choice.rows.map(({ ndcg }) => ndcg),
    choice.rows.map(({ ndcg }) => ndcg).sort((a, b) => b - a),
  )
})

test('a paid model that is no better loses to a free one; an unknown price counts as the dearest', async () => {
  const paid = (usdPerMillionTokens: number | null): EmbeddingModel => ({
    ...fakeModel({ cost: 'paid' }),
    tariff: { host: 'example.org', isHere: false, usdPerMillionTokens, pricedOn: null },
  })
  const models = new Map<string, EmbeddingModel>([
    ['dear', paid(null)],
    ['paid', paid(2)],
    ['free', fakeModel({ dimensions: 48 })],
  ])
  const choice = await choose(documents, models)
  assert.equal(choice.rows[choice.chosen]?.model, 'free')
  assert.ok((choice.rows.find(({ model }) => model === 'paid')?.usd ?? 0) > 0)
  assert.equal(choice.rows.find(({ model }) => model === 'dear')?.usd, null)
  const only = await choose(documents, new Map([...models].slice(0, 2)))
  assert.equal(only.rows[only.chosen]?.model, 'paid')
  assert.match(only.verdict, /no detectable difference to dear.*take the cheaper|the best and the cheapest/)
})

test('questions of one’s own, and what cannot be chosen', async () => {
  const models = new Map<string, EmbeddingModel>([['words', fakeModel()]])
  const own = [0, 1, 2].map((i) => ({ text: documents[i]!.text, relevant: new Map([[`d${i}`, 1]]) }))
  const choice = await choose(documents, models, { queries: own })
  assert.deepEqual([choice.from, choice.rows[0]?.ndcg], ['own', 1])
  assert.equal(choice.verdict, 'words, 32 dimensions, float32: the only choice.')
  const refused = (options: object, message: RegExp) =>
    assert.rejects(
      choose(documents, models, options),
      (error) => error instanceof InvalidArgumentError && message.test(error.message),
    )
  await refused({ queries: [own[0]!] }, /at least two/)
  await refused({ queries: [own[0]!, { text: 'x y', relevant: new Map([['nobody', 1]]) }] }, /queries\[1\].*"nobody"/)
  await refused({ dimensions: [64] }, /one of at most 32 for words, got 64/)
  await refused({ dimensions: [8, 8] }, /each once/)
  await refused({ dtypes: ['int4'] }, /float32, int8, binary/)
  await refused({ queries: 'titels' }, /titles, headings, sentences/)
  await refused({ maxQueries: 1 }, /maxQueries/)
  await refused({ queries: own, maxQueries: 2 }, /maxQueries: expected none beside queries of your own, got 2/)
  await refused({ falseDifferenceRate: 0 }, /falseDifferenceRate/)
  await refused({ dtype: 'int8' }, /those of choose/)
  await assert.rejects(choose([{ id: 'a', text: 'one two' }], models), /to ask for/)
  await assert.rejects(choose(documents, new Map()), /models/)
})
