import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toMatrix } from '../spec/matrix.ts'
import { recommend } from './recommend.ts'

const ids = ['north', 'north-east', 'east', 'south', 'north-too']
const items = {
  ids,
  ...{ texts: ids, titles: ids.map(() => undefined), metadata: ids.map(() => ({})) },
  vectors: toMatrix([
    [0, 1],
    [0.6, 0.8],
    [1, 0],
    [0, -1],
    [0.02, 0.9998],
  ]),
}
const of = (options: Omit<Parameters<typeof recommend>[1], 'topK'>) =>
  recommend(items, { topK: 2, diversity: 0, ...options }).map(({ id }) => id)

test('what lies near the liked comes first, what lies near the disliked last, and what was named never', () => {
  assert.deepEqual(of({ like: ['north'] }), ['north-too', 'north-east'])
  assert.deepEqual(of({ like: ['north', 'east'] }), ['north-east', 'north-too'])
  assert.deepEqual(of({ like: ['north-east'], dislike: ['north'] }), ['east', 'north-too'])
  assert.deepEqual(of({ like: ['north'], diversity: 0.9 }), ['north-too', 'south'])
  const [first] = recommend(items, { like: ['north', 'south'].slice(0, 1).concat('east'), topK: 1, diversity: 0 })
  assert.equal(first?.because, 'north')
})

test('unknown ids, nothing liked, contradictions and options out of range are refused', () => {
  assert.throws(() => recommend(items, { like: ['west'] }), { name: 'NotFoundError' })
  assert.throws(() => recommend(items, { like: [] }), /options.like: expected at least one id/)
  assert.throws(() => recommend(items, { like: ['north'], dislike: ['north'] }), /ids that are not liked/)
  assert.throws(() => recommend(items, { like: ['north'], topK: 0 }), /options.topK/)
  assert.throws(() => recommend(items, { like: ['north'], diversity: 2 }), /options.diversity/)
  assert.deepEqual(recommend(items, { like: ids }), [])
  assert.throws(() => recommend(items, { like: ['north', 'south'] }), /cancel/)
})
