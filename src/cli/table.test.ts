import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordedTerminal } from './recorded-terminal.ts'
import { asCsvText, type Column, printTable } from './table.ts'
import { type TableFormat, tableFormat } from './table-format.ts'
import { displayWidth } from './text-width.ts'

interface Row {
  readonly name: string
  readonly score?: number
}

const columns: readonly Column<Row>[] = [
  { name: 'name', value: ({ name }) => name },
  { name: 'score', value: ({ score }) => score, digits: 2 },
]

function printed(rows: readonly Row[], format?: TableFormat, width?: number): string {
  const terminal = recordedTerminal(width === undefined ? {} : { isTerminal: true, columns: width })
  printTable(columns, rows, terminal, format)
  return terminal.stdout()
}

test('numbers stand under each other, wide characters counted as two columns', () => {
  const rows = [{ name: 'a', score: 0.5 }, { name: '東京', score: -12 }, { name: 'none' }]
  assert.equal(printed(rows), 'name   score\na       0.50\n東京  -12.00\nnone\n')
})

test('a table fits the terminal: texts give way, numbers do not', () => {
  const out = printed([{ name: 'x'.repeat(100), score: 1 }], 'table', 40)
  assert.equal(out.split('\n')[1], `${'x'.repeat(32)}…   1.00`)
  assert.ok(out.split('\n').every((line) => displayWidth(line) <= 40))
})

test('a column that wraps is never cut, and the next row begins below it', () => {
  const terminal = recordedTerminal({ isTerminal: true, columns: 41 })
  printTable(
    [
      { name: 'name', value: ({ name }: Row) => name, wraps: true },
      { name: 'score', value: ({ score }: Row) => score, digits: 2 },
      { name: 'most like', value: () => 'y'.repeat(40) },
    ],
    [
      { name: 'refund, return, parcel', score: 1 },
      { name: 'key', score: 12 },
    ],
    terminal,
  )
  assert.equal(
    terminal.stdout(),
    [
      'name              score  most like',
      'refund, return,    1.00  yyyyyyyyyyyyyyy…',
      'parcel',
      'key               12.00  yyyyyyyyyyyyyyy…',
      '',
    ].join('\n'),
  )
})

test('of two columns of equal width neither gives way alone', () => {
  const terminal = recordedTerminal({ isTerminal: true, columns: 62 })
  const columns = ['first', 'second'].map((name) => ({ name, value: ({ name: text }: Row) => text }))
  printTable(columns, [{ name: 'x'.repeat(50), score: 1 }], terminal)
  assert.equal(terminal.stdout().split('\n')[1], `${'x'.repeat(29)}…  ${'x'.repeat(29)}…`)
})

test('nothing is cut where no terminal reads it', () => {
  assert.ok(printed([{ name: 'x'.repeat(500), score: 1 }]).includes('x'.repeat(500)))
})

test('columns without room follow in a block behind the first column', () => {
  const wide: Column<number>[] = [
    { name: 'row', value: (i) => `r${i}` },
    ...Array.from({ length: 9 }, (_, j) => ({ name: `column${j}`, value: (i: number) => i + j })),
  ]
  const terminal = recordedTerminal({ isTerminal: true, columns: 40 })
  printTable(wide, [1, 2], terminal)
  const blocks = terminal.stdout().split('\n\n')
  assert.equal(blocks.length, 3)
  for (const block of blocks) assert.match(block, /^row {2}/)
  for (let j = 0; j < 9; j++) assert.ok(terminal.stdout().includes(`column${j}`))
})

test('what a terminal would obey is made visible', () => {
  assert.ok(!printed([{ name: '\u001b[31mred\u0007' }]).includes('\u001b'))
  assert.ok(!printed([{ name: '\u001b[31mred' }], 'markdown').includes('\u001b'))
  assert.ok(!printed([{ name: '\u001b[31mred' }], 'csv', 80).includes('\u001b'))
})

test('CSV cells that a spreadsheet would run get an apostrophe; numbers stay numbers', () => {
  for (const text of ['=1+1', '+x', '-cmd', '@SUM(A1)', '\tx', '\rx', ' =1', '＝1'])
    assert.equal(asCsvText(text), `'${text}`)
  for (const text of ['-1.5', '+3e4', 'a=b', '']) assert.equal(asCsvText(text), text)
  assert.equal(
    printed([{ name: '=HYPERLINK("x")', score: -1.25 }, { name: 'a,b\nc' }], 'csv'),
    'name,score\r\n"\'=HYPERLINK(""x"")",-1.25\r\n"a,b\nc",\r\n',
  )
})

test('Markdown keeps its columns and takes no text for markup', () => {
  assert.equal(
    printed([{ name: 'a|b <i>*x*\\', score: 1 }], 'markdown'),
    '| name | score |\n| --- | ---: |\n| a\\|b \\<i\\>\\*x\\*\\\\ | 1.00 |\n',
  )
})

test('JSON holds the whole values', () => {
  assert.deepEqual(JSON.parse(printed([{ name: 'a', score: 0.123456 }, { name: 'b' }], 'json')), [
    { name: 'a', score: 0.123456 },
    { name: 'b', score: null },
  ])
})

test('no rows leave the headings', () => {
  assert.equal(printed([]), 'name  score\n')
  assert.equal(printed([], 'csv'), 'name,score\r\n')
})

test('--json and another --format contradict each other', () => {
  assert.equal(tableFormat({}), 'table')
  assert.equal(tableFormat({ json: true }), 'json')
  assert.throws(() => tableFormat({ json: true, format: 'csv' }), /--format: expected json beside --json, got "csv"/)
})
