import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from './arena.ts'
import { Pool } from './pool.ts'

async function dots(threads: number, shared: boolean): Promise<{ scores: number[]; threads: number }> {
  const rows = 1000
  const arena = new Arena({ shared })
  const matrix = arena.alloc(rows * 16 * 4)
  const query = arena.alloc(16 * 4)
  const scores = arena.alloc(rows * 4)
  arena.float32(matrix, rows * 16).forEach((_, i, all) => {
    all[i] = Math.sin(i)
  })
  arena.float32(query, 16).fill(0.5)
  const calls = Array.from({ length: 10 }, (_, b) => [matrix + b * 6400, query, scores + b * 400, 100, 16])
  const pool = new Pool(arena, threads)
  for (let repeat = 0; repeat < 3; repeat++) await pool.run('dot', 'dotRows', calls)
  pool.close()
  return { scores: [...arena.float32(scores, rows)], threads: pool.threads }
}

test('one, two and four threads give the same bytes', async () => {
  const one = await dots(1, true)
  assert.notEqual(one.scores[999], 0)
  assert.deepEqual((await dots(2, true)).scores, one.scores)
  assert.deepEqual(await dots(4, true), { scores: one.scores, threads: 4 })
})

test('memory that is not shared means one thread and the same bytes', async () => {
  assert.deepEqual(await dots(4, false), await dots(1, true))
})

test('a call that traps rejects the run, and the pool still works', async () => {
  const arena = new Arena({ shared: true })
  const pool = new Pool(arena, 2)
  const outside = [2 ** 31, 0, 0, 10, 16]
  // A worker's error arrives as a copy, which keeps the message and not always the class.
  await assert.rejects(pool.run('dot', 'dotRows', [outside, outside, outside, outside]), /memory access out of bounds/)
  await pool.run('dot', 'dotRows', [[0, 0, 65536 - 64, 1, 16]])
  await assert.rejects(pool.run('dot', 'noSuchMethod', [[0]]), /a function of kernel dot/)
  pool.close()
})

test('a number of threads that is none is refused', () => {
  assert.throws(() => new Pool(new Arena(), 0), /options.threads: expected an integer ≥ 1, got 0/)
})
