import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainWords } from '../plain-words.ts'
import type { Structure } from '../structure.ts'
import { codeStructure } from './code.ts'
import { markdownStructure } from './markdown.ts'
import { textStructure } from './text.ts'

/** Each section as its headings, then a line for each block's words. */
function outline({ sections, words }: Structure): [string, string[]][] {
  return sections.map(({ headings, blocks }) => [
    headings.join(' > '),
    blocks.map(({ start, end, kind }) => `${kind}: ${plainWords(words, start, end)}`),
  ])
}

function assertCovers({ sections, words }: Structure, text: string): void {
  assert.equal(words.length, text.length)
  const blocks = sections.flatMap((section) => section.blocks)
  for (const [i, block] of blocks.entries()) {
    assert.equal(block.end, blocks[i + 1]?.start ?? text.length)
    assert.ok(block.start < block.end)
  }
  assert.equal(text.slice(0, blocks[0]?.start ?? text.length).trim(), '')
}

test('Markdown is headings, paragraphs, items, quotes, tables and code', () => {
  const text = `Intro
goes on

# One
## Two **bold** ##
- [ ] first
  more of it
- second

1. third

> quoted
> words

Setext
---
| a | b |
|---|:-:|
| c | d |

\`\`\`js
# no heading
const x = "*"
\`\`\`

    indented code

***
[ref]: http://example.org
<!-- a comment

# inside -->
<h2 id="x">Last</h2>
end
`
  const structure = markdownStructure(text)
  assertCovers(structure, text)
  assert.deepEqual(outline(structure), [
    ['', ['prose: Intro goes on']],
    [
      'One > Two bold',
      [
        'heading: One',
        'heading: Two bold',
        'prose: first more of it',
        'prose: second',
        'prose: third',
        'prose: quoted words',
      ],
    ],
    [
      'One > Setext',
      [
        'heading: Setext',
        'lines: a b c d',
        'lines: # no heading const x = "*"',
        'lines: indented code',
        'prose: ',
        'prose: ',
        'prose: ',
      ],
    ],
    ['One > Last', ['heading: Last', 'prose: end']],
  ])
})

test('a heading stands with its first child, but not with its sibling', () => {
  assert.deepEqual(
    markdownStructure('# A\n## B\n## C\ntext\n# D\n').sections.map(({ headings }) => headings),
    [['A', 'B'], ['A', 'C'], ['D']],
  )
})

test('a number in the middle of a paragraph begins no list', () => {
  assert.deepEqual(outline(markdownStructure('It was in\n2014. Then\n1. one\n')), [
    ['', ['prose: It was in 2014. Then', 'prose: one']],
  ])
})

test('a fence that is never closed ends with its quotation or the text', () => {
  assert.deepEqual(outline(markdownStructure('> ```\n> code\n\nafter\n')), [['', ['lines: > code', 'prose: after']]])
  assert.deepEqual(outline(markdownStructure('~~~\ncode # x\n\nmore')), [['', ['lines: code # x more']]])
})

test('the text our HTML reader writes has block marks only', () => {
  const text = '# A *b* [c]\n\n- item_with_ *stars*\n\n```\na\n```\n'
  assert.deepEqual(outline(markdownStructure(text, { isLiteral: true })), [
    ['A *b* [c]', ['heading: A *b* [c]', 'prose: item_with_ *stars*', 'lines: a']],
  ])
})

test('plain text is paragraphs', () => {
  assert.deepEqual(outline(textStructure('\n one\ntwo\n\n \n# three\n')), [['', ['prose: one two', 'prose: # three']]])
})

const filler = (n: number) =>
  Array.from({ length: n }, (_, i) => `    value${i} = compute(${i}, "${'x'.repeat(20)}")`).join('\n')

test('code is definitions with the comments above them, and loose lines', () => {
  const text = `import os
import sys

LIMIT = 3

# Says hello
# to somebody.
@decorated
def hello(name):
${filler(5)}

    return 1

def tiny():
    pass

class Big:
    """About it."""

    def one(self):
${filler(8).replaceAll('    v', '        v')}

    def two(self):
${filler(8).replaceAll('    v', '        v')}
`
  const structure = codeStructure(text, 600)
  assertCovers(structure, text)
  assert.deepEqual(
    structure.sections.map(({ headings }) => headings),
    [[], ['def hello(name)'], [], ['class Big'], ['class Big', 'def one(self)'], ['class Big', 'def two(self)']],
  )
  const hello = structure.sections[1]?.blocks ?? []
  assert.equal(text.slice(hello[0]?.start, hello[0]?.end).startsWith('# Says hello'), true)
  assert.deepEqual(
    hello.map(({ kind }) => kind),
    ['lines', 'heading', 'lines', 'lines'],
  )
})

test('braces that close a body belong to it', () => {
  const text = `export function f(a: number) {\n${filler(6)}\n}\n\nconst x = 1\nif (x) {\n${filler(6)}\n} else {\n${filler(2)}\n}\n`
  const structure = codeStructure(text, 10_000)
  assertCovers(structure, text)
  assert.deepEqual(
    structure.sections.map(({ headings }) => headings),
    [['export function f(a: number)'], []],
  )
})

test('any text is covered by the blocks of any format', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom(
      '# h',
      '## h ##',
      '- i',
      '1. i',
      '> q',
      '>',
      '```',
      '~~~',
      '| a |',
      '|-|',
      '---',
      '===',
      '',
      '\r',
      '    c',
      '\tc',
    ),
    fc.constantFrom(
      '<!--',
      '-->',
      '<h1>x</h1>',
      '<script>',
      '</script> x',
      '[a]: b',
      '[^1]: n',
      '{',
      '}',
      'def f():',
      '  x',
      '// c',
    ),
  )
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 0, max: 200 }), (lines, size) => {
      const text = lines.join('\n')
      assertCovers(markdownStructure(text), text)
      assertCovers(markdownStructure(text, { isLiteral: true }), text)
      assertCovers(textStructure(text), text)
      assertCovers(codeStructure(text, size), text)
    }),
    { numRuns: 1000 },
  )
})
