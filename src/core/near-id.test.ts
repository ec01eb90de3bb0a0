import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, nearId } from './near-id.ts'

const sources = ['guide/setup.md', 'returns.md', 'shipping.md', 'a1'].map((id) => ({ id }))

test('an id of another folder or case is the one that was meant, else the one few letters away', async () => {
  const cases: [asked: string, meant: string | undefined][] = [
    ['docs/returns.md', 'returns.md'],
    ['setup.md', 'guide/setup.md'],
    ['Shipping.MD', 'shipping.md'],
    ['retuns.md', 'returns.md'],
    ['shiping.mb', 'shipping.md'],
    ['a2', undefined],
    ['invoices.md', undefined],
    ['', undefined],
  ]
  for (const [asked, meant] of cases) assert.equal(await nearId(asked, sources), meant, asked)
  assert.equal(await nearId('returns.md', []), undefined)
})

test('the question is put only where there is something to ask', () => {
  assert.equal(didYouMean('a "b"'), 'Did you mean "a \\"b\\""? ')
  assert.equal(didYouMean(undefined), '')
})
