import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, count, describeStep, duration, progressView, type Step } from './progress.ts'
import { recordedTerminal } from './recorded-terminal.ts'

const step: Step = { phase: 'embed', done: 1204, total: 1904, unit: 'passages', perSecond: 2310.4, etaMs: 61_000 }

function recorder(live: boolean) {
  const written: string[] = []
  const terminal = { ...recordedTerminal({ live, errorColumns: 40 }), err: (text: string) => void written.push(text) }
  return { terminal, written }
}

test('a step names its phase, share, rate and time left', () => {
  assert.equal(describeStep(step), 'embed  1,204 of 1,904 passages  63 %  2,310/s  1:01 left')
  assert.equal(
    describeStep({
      phase: 'read',
      done: 7,
      total: undefined,
      unit: 'passages',
      perSecond: undefined,
      etaMs: undefined,
    }),
    'read  7 passages',
  )
})

test('on a terminal one line rewrites itself, no wider than the terminal, and is cleared at the end', () => {
  const { terminal, written } = recorder(true)
  let now = 0
  const view = progressView(terminal, false, () => now)
  for (now = 0; now <= 200; now += 10) view.show(step)
  view.end()
  assert.equal(written.length, 4)
  assert.equal(written[0], '\r\u001b[2Kembed  1,204 of 1,904 passages  63 %  …')
  assert.equal(written.at(-1), '\r\u001b[2K')
})

test('off a terminal a short run prints nothing, a long one a line every three seconds', () => {
  const { terminal, written } = recorder(false)
  let now = 0
  const view = progressView(terminal, false, () => now)
  for (now = 0; now < 2_900; now += 100) view.show(step)
  assert.deepEqual(written, [])
  for (; now < 9_500; now += 100) view.show(now < 5_000 ? step : { ...step, phase: 'store' })
  view.end()
  assert.equal(written.length, 3)
  assert.equal(written[0], `${describeStep(step)}\n`)
})

test('with JSON each line of stderr is one event', () => {
  const { terminal, written } = recorder(true)
  let now = 0
  const view = progressView(terminal, true, () => now)
  for (now = 0; now < 1_000; now += 50) view.show(step)
  view.end()
  assert.equal(written.length, 4)
  assert.deepEqual(JSON.parse(written[0] as string), { event: 'progress', ...step })
})

test('counts, durations and sizes read the same on every machine', () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(count), ['0', '999', '1,000', '1,234,567'])
  assert.deepEqual([0, 440, 12_400, 187_000, 3_725_000].map(duration), ['0.0 s', '0.4 s', '12 s', '3:07', '1:02:05'])
  assert.deepEqual([12, 1_500, 640_000_000].map(bytes), ['12 B', '1.5 kB', '640 MB'])
})
