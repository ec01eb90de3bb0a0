/**
 * Flip single bits of a collection file, zero ranges, cut it off, exchange pages, and read everything: each damage is
 * reported where it would be read, or what is read is unchanged.
 *
 * node test/slow/bit-flips.ts [--flips=2000] [--seed=1]
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VecinoError } from '../../src/spec/errors.ts'
import { rowOf } from '../../src/spec/matrix.ts'
import type { Store } from '../../src/spec/store.ts'
import { backupSqlite } from '../../src/stores/sqlite/backup.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { sampleBatch, sampleSource, sampleVectors } from '../../src/testing/store-samples.ts'
import { passport, randomOf, Script } from './support/crash-script.ts'
import { Ledger, numberFlag } from './support/harness.ts'

const seed = numberFlag('seed', 1)
const flips = numberFlag('flips', 2000)
const pageBytes = 8192
const ledger = new Ledger()
const folder = mkdtempSync(join(tmpdir(), 'vecino-flips-'))
const path = join(folder, 'docs.vecino')

/** A digest of every answer a reader gets, and of every error in its place. */
async function readAll(store: Store): Promise<{ digests: string[]; reported: boolean }> {
  let reported = false
  const digests: string[] = []
  const ask = async (question: () => Promise<unknown>) => {
    try {
      const answer = await question()
      digests.push(
        createHash('sha256')
          .update(JSON.stringify([answer], plain))
          .digest('hex'),
      )
    } catch (error) {
      if (!VecinoError.isInstance(error)) throw error
      reported = true
      digests.push('error')
    }
  }
  const collect = async (items: AsyncIterable<unknown>) => {
    const all: unknown[] = []
    for await (const item of items) all.push(item)
    return all
  }
  await ask(() => store.counts())
  await ask(() => collect(store.digests()))
  await ask(() => collect(store.files()))
  await ask(() => store.fields())
  await ask(() => store.sources({ offset: 0, limit: 1000 }))
  await ask(async () => store.passages(await store.keys()))
  await ask(async () => store.vectors(await store.keys('embedded')))
  for (let i = 0; i < 24; i++) {
    await ask(() => store.source(`source ${i}`))
    await ask(() => store.digestsOf([`source ${i}`]))
  }
  await ask(() => store.nearest(sampleVectors(2, passport, 5), { topK: 20 }))
  for (const word of ['word1', 'word7 word3', 'batch*', 'of']) await ask(() => store.keyword(word, { topK: 100 }))
  for (const kind of ['k0', 'k1', 'k2'])
    await ask(() => store.keyword('word2', { topK: 100, filter: { field: 'kind', eq: kind } }))
  await ask(() => store.sources({ offset: 0, limit: 1000, filter: { field: 'batch', gte: 20 } }))
  // A damaged entry of the cache is no entry: its text is embedded again. So missing is right, another vector is not.
  const kept = sampleVectors(2, passport)
  await ask(async () =>
    (await store.cached('f', 'document', ['a', 'b'])).map((vector, row) =>
      Array.from(vector ?? rowOf(kept, row)).every((value, i) => value === rowOf(kept, row)[i]),
    ),
  )
  await ask(() => store.setting('background'))
  return { digests, reported }
}

function plain(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value
}

async function make(): Promise<void> {
  const made = join(folder, 'made.vecino')
  const store = await openSqliteStore(made, { passport })
  const script = new Script(seed)
  for (let n = 0; n < 40; n++) {
    await store.write(script.next())
    script.advance()
  }
  await store.write({
    put: [],
    vectors: sampleVectors(0, passport),
    remove: [],
    files: [{ path: '/a.md', modifiedMs: 1, sizeBytes: 2, settings: 's', sources: 3 }],
  })
  // So many that they are coded for search.
  const many = sampleSource(
    'many',
    Array.from({ length: 2100 }, (_, i) => `${i} `),
  )
  await store.asWriter(() => store.write(sampleBatch([many], passport, 3)))
  await store.cache('f', 'document', ['a', 'b'], sampleVectors(2, passport))
  await store.setSetting('background', [1, 2, 3])
  await store.close()
  // A copy without free pages, so that every bit matters.
  await backupSqlite(made, path)
}

/** Copies of the file, each damaged once. */
function* damages(golden: Buffer, random: (below: number) => number): Generator<{ name: string; bytes: Buffer }> {
  const pages = golden.length / pageBytes
  // Every bit of the file's header once, then bits anywhere.
  for (let i = 0; i < flips; i++) {
    const bit = i < 800 ? i : random(golden.length * 8)
    const bytes = Buffer.from(golden)
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
    yield { name: `bit ${bit & 7} of byte ${bit >> 3}`, bytes }
  }
  for (let i = 0; i < flips / 20; i++) {
    const from = random(golden.length)
    const length = Math.min(1 + random(pageBytes), golden.length - from)
    yield { name: `${length} zeros from byte ${from}`, bytes: Buffer.from(golden).fill(0, from, from + length) }
    const end = random(golden.length)
    yield { name: `cut off at byte ${end}`, bytes: Buffer.from(golden.subarray(0, end)) }
    const [one, other] = [random(pages), random(pages)]
    const bytes = Buffer.from(golden)
    golden.copy(bytes, one * pageBytes, other * pageBytes, (other + 1) * pageBytes)
    golden.copy(bytes, other * pageBytes, one * pageBytes, (one + 1) * pageBytes)
    yield { name: `pages ${one} and ${other} exchanged`, bytes }
  }
}

console.log(`bit flips: seed ${seed}, SQLite ${process.versions.sqlite}`)
try {
  await make()
  const golden = readFileSync(path)
  const store = await openSqliteStore(path)
  const expected = await readAll(store)
  await store.close()
  if (expected.reported) throw new Error('the undamaged file is reported as damaged')

  const random = randomOf(seed)
  let trials = 0
  const totals = { refused: 0, reported: 0, unchanged: 0, silent: 0 }
  for (const { name, bytes } of damages(golden, random)) {
    trials++
    await ledger.trial(`${name} (seed ${seed})`, async () => {
      for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
      writeFileSync(path, bytes)
      let damaged: Store
      try {
        damaged = await openSqliteStore(path, { readOnly: true })
      } catch (error) {
        if (!VecinoError.isInstance(error)) throw error
        totals.refused++
        return
      }
      try {
        const { digests, reported } = await readAll(damaged)
        const wrong = digests.flatMap((digest, i) => (digest === expected.digests[i] || digest === 'error' ? [] : [i]))
        // What is not an error must be the truth, whether or not something else was reported.
        if (wrong.length > 0) {
          totals.silent++
          throw new Error(`answers ${wrong.join(', ')} changed without a word`)
        }
        if (reported) totals.reported++
        else totals.unchanged++
      } finally {
        await damaged.close()
      }
    })
  }
  console.log(`${trials} damages to ${golden.length} bytes: ${JSON.stringify(totals)}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
ledger.close()
