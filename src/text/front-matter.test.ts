import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseFrontMatter, typedNumber } from './front-matter.ts'

function fieldsOf(yaml: string): Record<string, unknown> {
  return { ...parseFrontMatter(`---\n${yaml}\n---\nbody`).fields }
}

test('scalars have their types, and dates stay strings', () => {
  assert.deepEqual(
    fieldsOf(
      'title: Hello\ncount: 42\nprice: 1.50\nzip: 00501\ndraft: false\nnothing:\ntilde: ~\ndate: 2015-06-11 # when',
    ),
    {
      title: 'Hello',
      count: 42,
      price: 1.5,
      zip: '00501',
      draft: false,
      nothing: null,
      tilde: null,
      date: '2015-06-11',
    },
  )
})

test('quoted strings may hold colons, hashes, escapes and line breaks', () => {
  assert.deepEqual(fieldsOf('a: "x: #1 \\"q\\" \\u00e9"\nb: \'it\'\'s\'\nc: "one\nMapGive: two\n\nthree"'), {
    a: 'x: #1 "q" é',
    b: "it's",
    c: 'one MapGive: two\nthree',
  })
})

test('lists come indented, flush, and in brackets', () => {
  assert.deepEqual(fieldsOf('a:\n- x\n- "y, z"\n\nb:\n  - 1\n  - true\nc: [p, "q, r", 3]\nd: []'), {
    a: ['x', 'y, z'],
    b: [1, true],
    c: ['p', 'q, r', 3],
    d: [],
  })
})

test('block strings keep or fold their line breaks, plain ones go on when indented', () => {
  assert.deepEqual(fieldsOf('a: |\n  one\n  two\nb: >\n  one\n  two\n\n  three\nc: one\n  two'), {
    a: 'one\ntwo',
    b: 'one two\n\nthree',
    c: 'one two',
  })
})

test('what is deeper is kept as text, with a remark that names it', () => {
  const { fields, remarks } = parseFrontMatter('---\nhero:\n  image: a.png\n  alt: b\nbase: &x 1\n???\n---\n')
  assert.equal(fields['hero'], 'image: a.png\n  alt: b')
  assert.equal(fields['base'], '&x 1')
  assert.equal(remarks.length, 3)
  assert.match(remarks[0] as string, /`hero` on line 2/)
  assert.match(remarks[2] as string, /line 6/)
})

test('a key that is hostile is but a key', () => {
  const { fields } = parseFrontMatter('---\n__proto__: evil\nconstructor: x\n---\n')
  assert.equal(Object.getPrototypeOf(fields), null)
  assert.deepEqual(Object.entries(fields)[0], ['__proto__', 'evil'])
  assert.equal(({} as Record<string, unknown>)['evil'], undefined)
})

test('without an opening and a closing line there is no front matter', () => {
  for (const text of ['# Title\n---\n', '---\ntitle: x\n', ' ---\na: b\n---\n', ''])
    assert.equal(parseFrontMatter(text).bodyStart, 0)
  assert.equal(parseFrontMatter('---\r\na: b\r\n---\r\nbody').bodyStart, 16)
  assert.equal(parseFrontMatter('---\n---\nbody').bodyStart, 8)
})

test('any text is read without a failure', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a: "', "b: '", '- x', '  - y', 'c: [1, 2', 'd: |', '  text', '', 'e: {', '"k": v', '#'),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = `---\n${lines.join('\n')}\n---\n`
      const { bodyStart } = parseFrontMatter(text)
      return bodyStart >= 0 && bodyStart <= text.length
    }),
    { numRuns: 200 },
  )
})

test('a number is typed only where writing it gives the text again', () => {
  assert.deepEqual(['0', '-3', '1.25', '1.50', '007', '1e5', '12345678901234567890', '1.', '+1'].map(typedNumber), [
    0,
    -3,
    1.25,
    1.5,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
