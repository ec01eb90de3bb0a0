import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../text/fixtures/temporary-folder.ts'
import { loadModel } from './load.ts'
import { requireStaticFolder } from './static-folder.ts'

interface Reference {
  readonly texts: readonly string[]
  readonly cases: readonly {
    readonly name: string
    readonly files: Readonly<Record<string, string>>
    readonly vectors: readonly (readonly number[])[]
  }[]
  readonly starter: {
    readonly sha256: string
    readonly texts: readonly string[]
    readonly vectors: readonly (readonly number[])[]
  }
}

const reference: Reference = JSON.parse(
  readFileSync(new URL('../../test/reference/model2vec.json', import.meta.url), 'utf8'),
)
const starter = fileURLToPath(new URL('../../models/starter', import.meta.url))

function assertNear(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs((actual[i] as number) - value) <= 1e-5, `${what}, value ${i}: ${actual[i]} ≉ ${value}`)
}

for (const { name, files, vectors } of reference.cases)
  test(`a folder saved by Python model2vec gives its vectors: ${name}`, async (t) => {
    const folder = temporaryFolder(
      t,
      Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, Buffer.from(bytes, 'base64')])),
    )
    const model = await loadModel(folder)
    const { vectors: ours } = await model.embed(reference.texts, { task: 'document' })
    for (const [i, expected] of vectors.entries())
      assertNear(ours.data.subarray(i * ours.columns, (i + 1) * ours.columns), expected, `${name}, text ${i}`)
  })

const digest = createHash('sha256')
  .update(readFileSync(`${starter}/model.safetensors`))
  .digest('hex')

test('Python model2vec loads the starter and gives the plain mean of its rows', {
  skip: digest !== reference.starter.sha256 && 'the starter has changed: run test/reference/model2vec.py',
}, async () => {
  const { tokenizer, table, rows, rowOfToken } = await requireStaticFolder(starter)
  // What is packed beside `embeddings` Python does not read.
  const columns = table.length / rows
  for (const [i, text] of reference.starter.texts.entries()) {
    const mean = new Float64Array(columns)
    for (const id of tokenizer.encode(text)) {
      if (id === tokenizer.unknownId) continue
      const row = (rowOfToken?.[id] ?? id) * columns
      for (let j = 0; j < columns; j++) mean[j]! += table[row + j] as number
    }
    const length = Math.hypot(...mean)
    assertNear(
      mean.map((value) => value / length),
      reference.starter.vectors[i] as readonly number[],
      text,
    )
  }
})
