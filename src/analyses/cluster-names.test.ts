import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InvalidArgumentError } from '../spec/errors.ts'
import { clusterNames } from './cluster-names.ts'

const names = (texts: string[], labels: number[], terms = 4) =>
  clusterNames(texts, labels, { terms }).map(({ name }) => name)

test('a name says what its cluster speaks about and the others do not', () => {
  const texts = ['pasta with tomato', 'pasta with basil', 'a motor with oil', 'the motor and the gear']
  assert.deepEqual(names(texts, [0, 0, 1, 1], 1), ['pasta', 'motor'])
})

test('scores are those worked by hand', () => {
  const texts = ['pasta tomato', 'pasta', 'motor', 'motor pasta']
  const [first, second] = clusterNames(texts, [0, 0, 1, 1])
  // p = 1, m = (1 + 1/2) / 2, s = 2 clusters / 4 texts; motor has p = 1, m = 1/2.
  assert.deepEqual(first?.terms[0], { term: 'pasta', score: Math.log(1.5 / 1.25), texts: 2 })
  assert.deepEqual(second?.terms[0], { term: 'motor', score: Math.log(1.5 / 1), texts: 2 })
})

test('forms of a word count together under the most frequent one, and only where both occur', () => {
  const texts = ['charged here', 'charge twice', 'charges now', 'charges', 'news today', 'news now']
  const [first, second] = clusterNames(texts, [0, 0, 0, 0, 1, 1])
  assert.deepEqual(first?.terms[0], { ...first?.terms[0], term: 'charges', texts: 4 })
  assert.equal(second?.terms.find(({ term }) => term.startsWith('new'))?.term, 'news')
})

test('a phrase takes the place of words that mostly stand in it', () => {
  const texts = ['prime minister resigns', 'the prime minister speaks', 'prime minister again', 'goal', 'goal', 'goal']
  assert.deepEqual(names(texts, [0, 0, 0, 1, 1, 1], 2)[0], 'prime minister')
})

test('a word of every cluster makes no phrase', () => {
  assert.deepEqual(names(['apple number', 'apple number', 'boat number', 'boat number'], [0, 0, 1, 1]), [
    'apple',
    'boat',
  ])
})

test('a phrase does not reach over a mark, a line or a stop word', () => {
  const texts = ['blue, sky', 'blue\nsky', 'blue of sky', 'red', 'red', 'red']
  assert.deepEqual(names(texts, [0, 0, 0, 1, 1, 1])[0], 'blue, sky')
})

test('stop words follow the language of each text', () => {
  const texts = [
    'Wie kann ich mein Passwort ändern?',
    'Wo ist das Passwort und wie ändere ich es?',
    '¿Cómo cancelo mi suscripción?',
    'Quiero cancelar la suscripción de mi hijo',
    'how do I die in the game',
    'die again in this game',
  ]
  const [german, spanish, english] = names(texts, [0, 0, 1, 1, 2, 2], 2)
  assert.match(german ?? '', /^passwort, (ändern|ändere)$/)
  assert.match(spanish ?? '', /^suscripción, /)
  assert.deepEqual(english?.split(', ').sort(), ['die', 'game'])
})

test('languages without spaces are cut into words', () => {
  const texts = ['如何取消订阅', '取消订阅的方法', '今天天气怎么样', '明天天气好吗']
  const [first, second] = names(texts, [0, 0, 1, 1])
  assert.match(first ?? '', /订阅/)
  assert.match(second ?? '', /天气/)
})

test('what one text says counts only where no two agree', () => {
  const [agreeing, scattered] = names(['red wine', 'red car', 'blue sky', 'oak', 'elm', 'ash'], [0, 0, 0, 1, 1, 1])
  assert.equal(agreeing, 'red')
  assert.equal(scattered, 'ash, elm, oak')
})

test('noise is left out, and a cluster without content words has no name', () => {
  const found = clusterNames(['the and of', '12 34', 'rain rain', 'rain'], [0, 0, -1, -1])
  assert.deepEqual(found, [{ name: '', terms: [] }])
  assert.deepEqual(clusterNames([], []), [])
})

test('names do not depend on the order of the items', () => {
  const texts = ['red wine', 'red wine', 'white wine', 'blue car', 'fast car', 'fast blue car']
  const labels = [0, 0, 0, 1, 1, 1]
  const expected = clusterNames(texts, labels)
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), (order) => {
      const found = clusterNames(
        order.map((i) => texts[i] as string),
        order.map((i) => labels[i] as number),
      )
      assert.deepEqual(found, expected)
    }),
    { numRuns: 30 },
  )
})

test('labels that are not one a text, and options out of range, are refused', () => {
  assert.throws(() => clusterNames(['a'], []), InvalidArgumentError)
  assert.throws(() => clusterNames(['a'], [0.5]), /labels\[0\]: expected an integer, got 0.5/)
  assert.throws(() => clusterNames(['a'], [0], { terms: 0 }), /options.terms/)
})

test('a single cluster is named by its most frequent words', () => {
  const [only] = clusterNames(['boats and harbours', 'boats and sails', 'boats and harbours'], [0, 0, 0])
  assert.equal(only?.name, 'boats, harbours')
})
