import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnsupportedError } from '../spec/errors.ts'
import { applyHead, type DenseLayer, headSize } from './head.ts'

const dense = (
  values: number[],
  inputs: number,
  activation: DenseLayer['activation'],
  bias?: number[],
): DenseLayer => ({
  kind: 'dense',
  weight: Float32Array.from(values),
  bias: bias === undefined ? undefined : Float32Array.from(bias),
  inputs,
  outputs: values.length / inputs,
  activation,
  bytes: new Uint8Array(),
})

test('dense layers, activations and lengths give the values worked by hand', () => {
  const output = new Float32Array(2)
  applyHead([dense([1, 2, 0, -1], 2, 'identity', [1, 0])], Float32Array.of(3, 4), output)
  assert.deepEqual([...output], [12, -4])
  applyHead([dense([1, 2, 0, -1], 2, 'relu', [1, 0]), { kind: 'normalize' }], Float32Array.of(3, 4), output)
  assert.deepEqual([...output], [1, 0])
  applyHead([dense([0, 0, 0, 1], 2, 'tanh')], Float32Array.of(3, 0.5), output)
  assert.deepEqual([...output], [0, Math.fround(Math.tanh(0.5))])
})

test('a shorter vector is the beginning of the whole one, of unit length where the whole one is', () => {
  const pooled = Float32Array.of(3, 4, 12)
  const output = new Float32Array(2)
  applyHead([{ kind: 'normalize' }], pooled, output)
  assert.ok(Math.abs(output[0]! - 0.6) < 1e-6 && Math.abs(output[1]! - 0.8) < 1e-6)
  applyHead([], pooled, output)
  assert.deepEqual([...output], [3, 4])
  assert.deepEqual([...pooled], [3, 4, 12])
})

test('a layer norm before the cut takes the mean of all values away, not of those that are kept', () => {
  const output = new Float32Array(2)
  // Mean 5, deviations -4, -1, 5: their direction is all that is left after the cut.
  applyHead([{ kind: 'layer-norm' }, { kind: 'normalize' }], Float32Array.of(1, 4, 10), output)
  assert.ok(Math.abs(output[0]! + 4 / Math.sqrt(17)) < 1e-6 && Math.abs(output[1]! + 1 / Math.sqrt(17)) < 1e-6)
})

test('layers that do not fit each other are refused', () => {
  assert.equal(headSize([dense([1, 1, 1, 1, 1, 1], 2, 'tanh'), { kind: 'normalize' }], 2, 'm'), 3)
  assert.throws(() => headSize([dense([1, 1, 1], 3, 'tanh')], 2, 'm'), UnsupportedError)
})
