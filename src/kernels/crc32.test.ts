import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { crc32, crc32ByTables } from './crc32.ts'

for (const sum of [crc32, crc32ByTables]) {
  test(`${sum.name}: the check value of the standard, "123456789" gives cbf43926`, () => {
    assert.equal(sum(new TextEncoder().encode('123456789')), 0xcbf43926)
    assert.equal(sum(new Uint8Array(0)), 0)
  })

  test(`${sum.name}: any bytes, in one piece or two, give what zlib gives`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        const expected = zlibCrc32(bytes)
        assert.equal(sum(bytes), expected)
        assert.equal(sum(bytes.subarray(cut), sum(bytes.subarray(0, cut))), expected)
      }),
    )
  })
}
