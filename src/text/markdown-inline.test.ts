import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainMarkdown } from './markdown-inline.ts'

const cases: readonly [string, string][] = [
  ['a **bold** and *slanted* _word_ and ~~gone~~', 'a bold and slanted word and gone'],
  ['snake_case_name stays, 2*3*4 too, a * b', 'snake_case_name stays, 2*3*4 too, a * b'],
  ['see [the *guide*](https://x.y/a_(b) "T") now', 'see the guide now'],
  ['a ![picture of a cat](cat.png) here', 'a picture of a cat here'],
  ['[![alt](i.png)](u) and [ref][r1] and [plain] and note[^1]', 'alt and ref and [plain] and note'],
  ['[a]({{ "/2015/05/" | url }})', 'a'],
  ['`code *stays* [x](y)` and ``a ` b``', 'code *stays* [x](y) and a ` b'],
  ['an unclosed ` tick and [bracket and ]( paren', 'an unclosed tick and [bracket and ]( paren'],
  ['one<br>two <b>three</b>s <img src="a.png"> four', 'one two threes four'],
  ['List<String> and a < b > c and <Card x="1">word</Card>', 'List<String> and a < b > c and word'],
  ['<https://example.org/a> or <me@example.org>', 'https://example.org/a or me@example.org'],
  ['a <!-- hidden --> b {% tag x %} c {{ v }} d{: .class }', 'a b c d'],
  ['\\*not bold\\* and a\\b', '*not bold* and a\\b'],
  ['Tom &amp; Jerry&nbsp;&#8217;s &lt;p&gt; &unknown; &#0;', 'Tom & Jerry ’s <p> &unknown; &#0;'],
  ['array[0](x) and f(a)[1]', 'array0 and f(a)[1]'],
]
for (const [markdown, plain] of cases)
  test(`${markdown} says: ${plain}`, () => {
    assert.equal(plainMarkdown(markdown), plain)
  })

test('letters outside of markup are all kept, in their order', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1 })
  const wrap = fc.constantFrom<(word: string) => string>(
    (word) => word,
    (word) => `**${word}**`,
    (word) => `_${word}_`,
    (word) => `[${word}](http://q.z/1)`,
    (word) => `<em>${word}</em>`,
    (word) => `\`${word}\``,
  )
  fc.assert(
    fc.property(words, fc.array(wrap, { minLength: 1 }), (list, wraps) => {
      const marked = list.map((word, i) => (wraps[i % wraps.length] as (word: string) => string)(word)).join(' ')
      assert.equal(plainMarkdown(marked), list.join(' '))
    }),
  )
})

const openings = [
  '[',
  '[a](',
  '![',
  '`',
  '``a`',
  '*',
  '**a*',
  '<',
  '<a ',
  '<!--',
  '{{',
  '{%',
  '\\',
  '](',
  '[^',
  '&',
  '> ',
  '_a',
]
test('text full of openings is masked in one go', () => {
  for (const opening of openings) {
    const text = opening.repeat(200_000 / opening.length)
    assert.equal(plainMarkdown(text).length <= text.length, true)
  }
})
