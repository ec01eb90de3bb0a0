import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { CorruptDataError } from '../spec/errors.ts'
import { scanVocabulary } from '../text/tokenizers/vocabulary-bytes.ts'
import { kernelVocabularyScan } from './scan-vocabulary.ts'

const scan = await kernelVocabularyScan()

function assertAlike(json: Buffer, at = 0): void {
  const [fast, slow] = [scan(json, at, 'x'), scanVocabulary(json, at, 'x')]
  assert.equal(fast === undefined, slow === undefined, json.toString('utf8', at, at + 200))
  assert.equal(fast?.end, slow?.end)
  for (const key of ['bytes', 'starts', 'ids'] as const)
    assert.deepEqual(Buffer.from(fast?.vocabulary[key] ?? []), Buffer.from(slow?.vocabulary[key] ?? []))
}

test('the kernel reads the vocabulary of the starter as the specification does', () => {
  const json = readFileSync(fileURLToPath(new URL('../../models/starter/tokenizer.json', import.meta.url)))
  const at = json.indexOf('"vocab":{') + 8
  assert.ok((scan(json, at, 'x')?.vocabulary.count ?? 0) > 10_000)
  assertAlike(json, at)
})

test('vocabularies of any tokens and spaces are read alike', () => {
  const entry = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.nat(3_000_000))
  fc.assert(
    fc.property(fc.uniqueArray(entry, { maxLength: 20, selector: ([, id]) => id }), fc.nat(3), (entries, indent) => {
      assertAlike(Buffer.from(`${JSON.stringify(Object.fromEntries(entries), null, indent)}, "rest": 1}`))
    }),
    { numRuns: 200, seed: 3 },
  )
})

test('what is unusual is left to JSON.parse by both, wherever the file ends', () => {
  for (const text of [
    '{',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{}',
    '{"a":-1}',
    '{"a":1.5}',
    '{"a":"b"}',
    '{"\\u0041":1}',
  ])
    assertAlike(Buffer.from(text))
  assertAlike(Buffer.from('{"a":99999999999}'))
  assert.throws(() => scan(Buffer.from('{"a":1,"b":1}'), 0, 'x'), CorruptDataError)
})
