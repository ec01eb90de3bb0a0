import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { rowOf } from '../spec/matrix.ts'
import { loadTransformer } from './transformer.ts'

const miniLm = fileURLToPath(new URL('../../../shared/models/all-MiniLM-L6-v2', import.meta.url))
const skip = existsSync(miniLm) ? false : 'the shared MiniLM folder is not on this machine'
const reference: { readonly texts: readonly string[]; readonly vectors: readonly (readonly number[])[] } = JSON.parse(
  readFileSync(new URL('../../test/reference/sentence-transformers.json', import.meta.url), 'utf8'),
)

test('in float32 every value is within 2e-4 of what sentence-transformers gives', { skip }, async () => {
  const model = await loadTransformer(miniLm, { threads: 1 })
  const { vectors } = await model.embed(reference.texts, { task: 'document' })
  let greatest = 0
  for (const [i, expected] of reference.vectors.entries()) {
    const row = rowOf(vectors, i)
    assert.equal(expected.length, row.length)
    for (const [j, value] of expected.entries()) greatest = Math.max(greatest, Math.abs(value - (row[j] as number)))
  }
  assert.ok(greatest <= 2e-4, `greatest difference ${greatest}`)
  await model.close()
})
