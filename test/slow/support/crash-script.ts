/**
 * The writes of the crash harness, the same in the process that is killed and in the one that looks afterwards:
 * batch `n` of a seed is always the same batch, so the state after `n` batches is known.
 */
import assert from 'node:assert/strict'
import { compareCodePoints } from '../../../src/spec/filter.ts'
import type { Store, WriteBatch } from '../../../src/spec/store.ts'
import { StoreModel } from '../../../src/testing/store-model.ts'
import { removal, sampleBatch, samplePassport, sampleSource } from '../../../src/testing/store-samples.ts'

export const passport = samplePassport({ dimensions: 64 })
const idCount = 24

/** A small generator of 32-bit numbers; the same seed, the same numbers. */
export function randomOf(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) % below
  }
}

/** The state after `n` batches, and the batch that comes next. */
export class Script {
  readonly model = new StoreModel()
  readonly #seed: number
  count = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  next(): WriteBatch {
    const random = randomOf(this.#seed * 100_003 + this.count)
    const ids = [...new Set(Array.from({ length: 1 + random(5) }, () => `source ${random(idCount)}`))]
    const known = ids.filter((id) => this.model.sources.has(id))
    if (known.length > 0 && random(4) === 0) return removal(known, passport)
    const put = ids.map((id) =>
      sampleSource(
        id,
        Array.from({ length: 1 + random(4) }, (_, i) => `batch${this.count} of ${id} word${random(9)} `.repeat(1 + i)),
        { metadata: { batch: this.count, kind: `k${random(3)}` }, digest: `digest ${this.count}` },
      ),
    )
    return sampleBatch(put, passport, this.#seed * 1000 + this.count + 1)
  }

  advance(): void {
    this.model.apply(this.next())
    this.count++
  }
}

/** Throws unless the store holds exactly the script's state: sources, texts, vectors, words, fields and checksums. */
export async function assertHolds(store: Store, { model, count }: Script): Promise<void> {
  assert.equal(store.generation, count)
  assert.deepEqual(await store.verify(), [])
  const ids: string[] = []
  for await (const { id } of store.digests()) ids.push(id)
  assert.deepEqual(ids.sort(compareCodePoints), [...model.sources.keys()].sort(compareCodePoints))
  const keys = await store.keys()
  const vectors = await store.vectors(keys)
  const byWord = new Map<string, Set<number>>()
  for (const [row, passage] of (await store.passages(keys)).entries()) {
    const expected = model.sources.get(passage.source)
    assert.equal(passage.text, expected?.source.passages[passage.ordinal]?.text)
    assert.deepEqual(passage.metadata, expected?.source.metadata)
    const vector = vectors.data.subarray(row * vectors.columns, (row + 1) * vectors.columns)
    assert.deepEqual(vector, expected?.vectors[passage.ordinal])
    for (const word of passage.text.trim().split(/\s+/)) {
      const holders = byWord.get(word) ?? new Set()
      byWord.set(word, holders.add(passage.key))
    }
  }
  assert.deepEqual(await store.counts(), model.counts())
  for (const [word, holders] of byWord) {
    if (!word.startsWith('batch')) continue
    const found = await store.keyword(word, { topK: 10_000 })
    assert.deepEqual(new Set(found.keys), holders)
  }
  for (const kind of ['k0', 'k1', 'k2']) {
    const filter = { field: 'kind', eq: kind }
    const found = await store.sources({ offset: 0, limit: 1000, filter })
    assert.deepEqual(found.map(({ id }) => id).sort(compareCodePoints), model.matching(filter))
  }
}
