import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PassportMismatchError } from './errors.ts'
import { assertComparable, createMatrix } from './matrix.ts'
import { assertSamePassport, fingerprint, type Passport, passportFields } from './passport.ts'

const passport: Passport = {
  provider: 'vecino',
  model: 'starter',
  weightsDigest: 'a1',
  tokenizerDigest: 'b2',
  dimensions: 4,
  pooling: 'mean',
  queryPrompt: '',
  documentPrompt: '',
  normalized: true,
  maxTokens: null,
  dtype: 'int8',
}
const other: { [Field in keyof Passport]: Passport[Field] } = {
  provider: 'onnx',
  model: 'minilm',
  weightsDigest: 'a2',
  tokenizerDigest: 'b3',
  dimensions: 5,
  pooling: 'cls',
  queryPrompt: 'query: ',
  documentPrompt: 'passage: ',
  normalized: false,
  maxTokens: 256,
  dtype: 'float32',
}

test('equal passports have equal fingerprints, whatever the order of their fields', () => {
  const reversed = Object.fromEntries(Object.entries(passport).reverse()) as unknown as Passport
  assert.equal(fingerprint(reversed), fingerprint(passport))
  assert.doesNotThrow(() => assertSamePassport(passport, reversed, 'search'))
})

for (const field of passportFields) {
  test(`passports that differ in ${field} never meet`, () => {
    const there = { ...passport, [field]: other[field] }
    assert.notEqual(fingerprint(there), fingerprint(passport))
    assert.throws(
      () => assertSamePassport(passport, there, 'search'),
      (error: unknown) =>
        error instanceof PassportMismatchError &&
        error.differences.length === 1 &&
        error.differences[0]?.field === field,
    )
    assert.throws(
      () => assertComparable(createMatrix(1, 4, undefined, passport), createMatrix(1, 4, undefined, there)),
      PassportMismatchError,
    )
  })
}

test('plain numbers without a passport may be compared with anything of their size', () => {
  assert.doesNotThrow(() => assertComparable(createMatrix(1, 4), createMatrix(2, 4, undefined, passport)))
})
