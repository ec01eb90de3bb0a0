import assert from 'node:assert/strict'
import test from 'node:test'
import { CorruptDataError } from '../../spec/errors.ts'
import { field, joined, readFields, readIntegers } from './wire.ts'

test('fields are read as they were written, and can be written again as they stood', () => {
  const message = joined([field(1, 300), field(2, 'a b'), field(16, [field(3, 7), field(4, Uint8Array.of(1, 2))])])
  const fields = readFields(message, 'm')
  assert.deepEqual(
    fields.map(({ number, value, bytes }) => [number, value, bytes.length]),
    [
      [1, 300, 0],
      [2, undefined, 3],
      [16, undefined, 6],
    ],
  )
  assert.deepEqual(
    readFields(fields[2]!.bytes, 'm').map((one) => [one.number, one.value, ...one.bytes]),
    [
      [3, 7],
      [4, undefined, 1, 2],
    ],
  )
  assert.deepEqual(joined(fields.map((one) => one.whole)), message)
})

test('numbers of each kind have the values worked by hand', () => {
  // 150 as in the description of the encoding; -1 and -2^40 in two's complement of 64 bits; 1.5 as a float, 0.1 as a double.
  const negative = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
  const large = [0x80, 0x80, 0x80, 0x80, 0x80, 0xe0, 0xff, 0xff, 0xff, 0x01]
  const bytes = [0x08, 0x96, 0x01, 0x10, ...negative, 0x18, ...large, 0x25, 0, 0, 0xc0, 0x3f, 0x29]
  const message = joined([Uint8Array.from(bytes), new Uint8Array(Float64Array.of(0.1).buffer)])
  assert.deepEqual(
    readFields(message, 'm').map((one) => one.value),
    [150, -1, -(2 ** 40), 1.5, 0.1],
  )
})

test('integers are read alike from one packed field and from fields of their own', () => {
  const apart = joined([field(8, 3), field(8, 300)])
  const packed = field(8, Uint8Array.of(3, 0xac, 2))
  for (const message of [apart, packed]) assert.deepEqual(readIntegers(readFields(message, 'm'), 8, 'm'), [3, 300])
})

test('bytes that end too early, and bytes that are no message, are refused by name', () => {
  const message = field(2, 'some text')
  for (const bytes of [message.subarray(0, 5), Uint8Array.of(0x80), Uint8Array.of(0x0f), new Uint8Array(11).fill(0xff)])
    assert.throws(
      () => readFields(bytes, 'model.onnx'),
      (error) => error instanceof CorruptDataError && /model\.onnx/.test(error.message),
    )
})
