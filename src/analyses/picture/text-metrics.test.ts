import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitLines, fitText, sansWidth } from './text-metrics.ts'

test('a text that is too long goes on in the next line, and is cut in the last', () => {
  const room = sansWidth('green apples', 13)
  assert.deepEqual(fitLines('green apples and red\ncherries', 13, room, 3), ['green apples', 'and red', 'cherries'])
  assert.deepEqual(fitLines('green apples and red cherries', 13, room, 2), [
    'green apples',
    fitText('and red cherries', 13, room),
  ])
  assert.match(fitLines('green apples and red cherries', 13, room, 2)[1] as string, /…$/)
  assert.deepEqual(fitLines('incomprehensibilities', 13, room, 2), [fitText('incomprehensibilities', 13, room)])
  assert.deepEqual(fitLines('', 13, room, 2), [])
})
