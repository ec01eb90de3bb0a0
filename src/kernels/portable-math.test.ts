import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { portableExp, portableLog } from './portable-math.ts'

const near = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance * Math.abs(want), `${got} is not near ${want}`)

test('logarithm and exponential give the exact values there are', () => {
  assert.equal(portableLog(1), 0)
  assert.equal(portableExp(0), 1)
  assert.equal(portableLog(0), Number.NEGATIVE_INFINITY)
  assert.equal(portableLog(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
  assert.ok(
    Number.isNaN(portableLog(-1)) && Number.isNaN(portableLog(Number.NaN)) && Number.isNaN(portableExp(Number.NaN)),
  )
  assert.equal(portableExp(710), Number.POSITIVE_INFINITY)
  assert.equal(portableExp(-746), 0)
})

test('they agree with the engine to the last bits over the whole range', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(finite, (x) => {
      if (x !== 0) near(portableLog(Math.abs(x)), Math.log(Math.abs(x)), 5e-16)
    }),
    { seed: 1, numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.double({ min: -708, max: 709, noNaN: true }), (x) => near(portableExp(x), Math.exp(x), 5e-16)),
    { seed: 2, numRuns: 2000 },
  )
})

test('subnormal numbers pass in both directions', () => {
  near(portableLog(5e-324), Math.log(5e-324), 5e-16)
  assert.ok(Math.abs(portableExp(-744) - Math.exp(-744)) <= 5e-324)
})
