import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { crc32 } from '../../kernels/crc32.ts'
import { encodePng } from './png.ts'

/** Read back by the specification, filter 2 only. */
function decode(file: Uint8Array): { width: number; height: number; channels: number; pixels: number[] } {
  const bytes = Buffer.from(file)
  assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(bytes.subarray(at + 4, at + 8 + length)))
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'IDAT', 'IEND'])
  const header = chunks.get('IHDR') as Buffer
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const channels = header[9] === 2 ? 3 : 4
  const lines = inflateSync(chunks.get('IDAT') as Buffer)
  const stride = width * channels
  const pixels: number[] = []
  for (let y = 0; y < height; y++) {
    assert.equal(lines[y * (stride + 1)], 2)
    for (let x = 0; x < stride; x++) {
      const above = y === 0 ? 0 : (pixels[(y - 1) * stride + x] as number)
      pixels.push(((lines[y * (stride + 1) + 1 + x] as number) + above) & 255)
    }
  }
  return { width, height, channels, pixels }
}

test('a picture comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.nat(255)),
      (w, h, bytes) => {
        const rgba = Uint8Array.from({ length: 4 * w * h }, () => bytes.next().value)
        rgba[3] = 7
        const { width, height, channels, pixels } = decode(encodePng(w, h, rgba))
        assert.deepEqual([width, height, channels], [w, h, 4])
        assert.deepEqual(pixels, [...rgba])
      },
    ),
    { numRuns: 50 },
  )
})

test('an opaque picture has three channels', () => {
  const { channels, pixels } = decode(encodePng(2, 1, Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255)))
  assert.equal(channels, 3)
  assert.deepEqual(pixels, [1, 2, 3, 4, 5, 6])
})

test('sizes that do not fit the pixels are refused', () => {
  assert.throws(() => encodePng(0, 1, new Uint8Array(0)), /width: expected an integer from 1/)
  assert.throws(() => encodePng(2, 2, new Uint8Array(4)), /rgba: expected 4 · 2 · 2 = 16 bytes, got 4/)
})
