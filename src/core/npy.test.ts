import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UnreadableInputError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import { decodeNpy, encodeNpy } from './npy.ts'

/** A file by hand: any header text, version and bytes. */
function file(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header)
  const lead = [0x93, ...new TextEncoder().encode('NUMPY'), version, 0, text.length & 0xff, text.length >> 8]
  if (version > 1) lead.push(0, 0)
  return Uint8Array.from([...lead, ...text, ...data])
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`

test('writes the bytes NumPy writes', () => {
  const bytes = encodeNpy(createMatrix(1, 2, Float32Array.of(1, -2)))
  assert.equal(bytes.length, 128 + 8)
  assert.equal(
    Buffer.from(bytes.subarray(0, 128)).toString('latin1'),
    `${"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".padEnd(127)}\n`,
  )
  assert.deepEqual([...bytes.subarray(128)], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
})

test('a matrix comes back as it was, from any offset of a buffer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.float({ noNaN: true })),
      (rows, columns, values) => {
        const data = Float32Array.from({ length: rows * columns }, () => values.next().value as number)
        const bytes = encodeNpy(createMatrix(rows, columns, data))
        const shifted = new Uint8Array(bytes.length + 3)
        shifted.set(bytes, 3)
        assert.deepEqual(decodeNpy(shifted.subarray(3), 'x.npy'), createMatrix(rows, columns, data))
      },
    ),
  )
})

test('reads every type in both byte orders and versions 1 to 3', () => {
  const cases: [string, number[]][] = [
    ['<f2', [0x00, 0x3c, 0x00, 0xc0]],
    ['>f2', [0x3c, 0x00, 0xc0, 0x00]],
    ['>f4', [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]],
    ['<f8', [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0]],
    ['>f8', [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0]],
    ['|i1', [1, 0xfe]],
    ['<i4', [1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff]],
    ['>i4', [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe]],
    ['<i8', [1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['>i8', [0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]],
  ]
  for (const [descr, bytes] of cases)
    for (const version of [1, 2, 3])
      assert.deepEqual(
        [...decodeNpy(file(header(descr, '(1, 2)'), Uint8Array.from(bytes), version), 'x').data],
        [1, -2],
        `${descr}, version ${version}`,
      )
  assert.deepEqual([...decodeNpy(file(header('|u1', '(2,)'), Uint8Array.of(1, 254)), 'x').data], [1, 254])
  const halves = decodeNpy(file(header('<f2', '(3,)'), Uint8Array.of(1, 0, 0, 0x7c, 0xff, 0x7b)), 'x').data
  assert.deepEqual([...halves], [2 ** -24, Infinity, 65504])
})

test('objects, Fortran order, other shapes, short and long files are refused', () => {
  const four = new Uint8Array(4)
  const refused: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['other magic', new TextEncoder().encode('PK\x03\x04 not an array')],
    ['object', file(header('|O', '(1,)'), four)],
    ['object', file(header('O', '(1,)'), four)],
    ['structure', file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", four)],
    ['Fortran', file(header('<f4', '(1, 1)', 'True'), four)],
    ['three dimensions', file(header('<f4', '(1, 1, 1)'), four)],
    ['scalar', file(header('<f4', '()'), four)],
    ['short data', file(header('<f4', '(1, 2)'), four)],
    ['long data', file(header('<f4', '(1, 1)'), new Uint8Array(8))],
    ['overflowing shape', file(header('<f4', '(4611686018427387905, 1)'), four)],
    ['rounding shape', file(header('<f4', '(900719925474099, 900719925474099)'), four)],
    ['code', file("{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,), }", four)],
    ['twice', file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", four)],
    ['no shape', file("{'descr': '<f4', 'fortran_order': False, }", four)],
    ['header past the end', file(header('<f4', '(1,)'), four).subarray(0, 40)],
    ['version 9', file(header('<f4', '(1,)'), four, 9)],
    ['prototype name', file(header('<constructor', '(1,)'), four)],
  ]
  for (const [what, bytes] of refused) assert.throws(() => decodeNpy(bytes, 'x.npy'), UnreadableInputError, what)
})

test('no bytes bring anything but a matrix or a typed refusal', () => {
  const good = encodeNpy(createMatrix(2, 2, Float32Array.of(1, 2, 3, 4)))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), (edits) => {
      const bytes = good.slice()
      for (const [at, value] of edits) bytes[at] = value
      try {
        decodeNpy(bytes, 'x.npy')
      } catch (error) {
        assert.ok(error instanceof UnreadableInputError)
      }
    }),
    { numRuns: 500 },
  )
})
