import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { CorruptDataError } from '../spec/errors.ts'
import { halfToFloat, readSafetensors, type Tensor, toFloat32, toInt32, writeSafetensors } from './safetensors.ts'

function fileOf(header: string, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(header)
  const file = new Uint8Array(8 + json.length + data.length)
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true)
  file.set(json, 8)
  file.set(data, 8 + json.length)
  return file
}

const entry = (dtype: string, shape: number[], offsets: number[]) => ({ dtype, shape, data_offsets: offsets })

test('what is written is read back, and the metadata with it', () => {
  const values = Float32Array.of(1, -2.5, 3, 4, 5, 6)
  const tensors = new Map<string, Tensor>([
    ['a', { dtype: 'F32', shape: [2, 3], bytes: new Uint8Array(values.buffer) }],
    ['b', { dtype: 'I8', shape: [3], bytes: Uint8Array.of(1, 2, 255) }],
  ])
  const read = readSafetensors(writeSafetensors(tensors, { format: 'x' }), 'file')
  assert.deepEqual(read.metadata, { format: 'x' })
  assert.deepEqual(toFloat32(read.tensors.get('a')!, 'a'), values)
  assert.deepEqual([...toFloat32(read.tensors.get('b')!, 'b')], [1, 2, -1])
  assert.deepEqual(read.tensors.get('a')!.shape, [2, 3])
})

test('half precision and 64-bit integers become float32 and int32, from any alignment of a Buffer', () => {
  assert.deepEqual([0x3c00, 0xc000, 0x0001, 0x7c00].map(halfToFloat), [1, -2, 2 ** -24, Number.POSITIVE_INFINITY])
  const bytes = Buffer.from([9, 7, 0, 0, 0, 0, 0, 0, 0]).subarray(1)
  assert.deepEqual([...toInt32({ dtype: 'I64', shape: [1], bytes }, 'x')], [7])
})

for (const [title, file] of Object.entries({
  'a file of seven bytes': new Uint8Array(7),
  'a header beyond the file': Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123, 125),
  'a header of an exabyte': Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16, 123, 125),
  'a header that is no JSON': fileOf('{x}'),
  'a header that is an array': fileOf('[]'),
  'an unknown dtype': fileOf(JSON.stringify({ a: entry('F8', [1], [0, 1]) }), new Uint8Array(1)),
  'a dtype from the prototype': fileOf(JSON.stringify({ a: entry('constructor', [1], [0, 1]) }), new Uint8Array(1)),
  'a shape that is not its span': fileOf(JSON.stringify({ a: entry('F32', [2], [0, 4]) }), new Uint8Array(4)),
  'a shape whose product overflows': fileOf(
    JSON.stringify({ a: entry('F32', [2 ** 40, 2 ** 40], [0, 4]) }),
    new Uint8Array(4),
  ),
  'a negative side': fileOf(JSON.stringify({ a: entry('I8', [-1], [0, 0]) })),
  'an end beyond the file': fileOf(JSON.stringify({ a: entry('I8', [9], [0, 9]) }), new Uint8Array(4)),
  'spans that overlap': fileOf(
    JSON.stringify({ a: entry('I8', [3], [0, 3]), b: entry('I8', [3], [1, 4]) }),
    new Uint8Array(4),
  ),
  'a hole between spans': fileOf(
    JSON.stringify({ a: entry('I8', [1], [0, 1]), b: entry('I8', [1], [2, 3]) }),
    new Uint8Array(3),
  ),
  'bytes after the last tensor': fileOf(JSON.stringify({ a: entry('I8', [1], [0, 1]) }), new Uint8Array(3)),
  'a name twice': fileOf(
    '{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}',
    new Uint8Array(1),
  ),
  'nesting ten thousand deep': fileOf(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
}))
  test(`${title} is refused by a typed error`, () => {
    assert.throws(() => readSafetensors(file, 'file'), CorruptDataError)
  })

test('no mutation of a good file makes anything but a typed error', () => {
  const good = writeSafetensors(new Map([['a', { dtype: 'I8', shape: [4], bytes: new Uint8Array(4) }]]))
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
      const bad = good.slice()
      bad[at] = value
      try {
        readSafetensors(bad, 'file')
      } catch (error) {
        assert.ok(error instanceof CorruptDataError, String(error))
      }
    }),
    { numRuns: 2000, seed: 1 },
  )
})
