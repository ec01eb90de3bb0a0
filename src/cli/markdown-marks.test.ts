import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markupUnits } from './markdown-marks.ts'

function seen(text: string): string {
  const hidden = markupUnits(text)
  return [...text].filter((_, i) => hidden[i] === 0).join('')
}

test('emphasis, code ticks, links, images and tags are markup; the words in them are not', () => {
  assert.equal(seen('**Update:** read _more_ [here](https://example.org "title").'), 'Update: read more here.')
  assert.equal(seen('![a picture](x.png) and `code()`'), 'a picture and code()')
  assert.equal(seen('<p class="a">one</p><!-- no --> two'), 'one two')
})

test('what only looks like markup stays', () => {
  for (const text of ['snake_case_name', '2 * 3 * 4', 'a < b and c > d', '[1] and [2]', 'x_1'])
    assert.equal(seen(text), text)
})
