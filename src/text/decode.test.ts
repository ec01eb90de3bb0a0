import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UnreadableInputError } from '../spec/errors.ts'
import { decodeText, firstInvalidUtf8, isBinary, loneSurrogate, utf8Chunks } from './decode.ts'
import { collect } from './fixtures/read-text.ts'

/** Valid text and stray bytes in any mixture. */
const bytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 3 }),
    ),
  )
  .map((parts) => Buffer.concat(parts))

function isValid(part: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part)
    return true
  } catch {
    return false
  }
}

async function decodeCut(content: Uint8Array, cut: number): Promise<string> {
  async function* stream() {
    for (let at = 0; at < content.length; at += cut) yield content.subarray(at, at + cut)
  }
  return Buffer.concat(await collect(utf8Chunks(stream(), 'file'))).toString('utf8')
}

test('the first bad byte is where a strict decoder stops being content', () => {
  fc.assert(
    fc.property(bytes, (content) => {
      const at = firstInvalidUtf8(content)
      if (at === -1) return isValid(content)
      // Nothing before it is bad, and no continuation makes what begins there good.
      const rest = content.subarray(at, at + 4)
      const goodStarts = [1, 2, 3, 4].filter((length) => length <= rest.length && isValid(rest.subarray(0, length)))
      return isValid(content.subarray(0, at)) && goodStarts.length === 0
    }),
    { numRuns: 200 },
  )
})

test('broken UTF-8 names the file and the byte', () => {
  const latin = Buffer.concat([Buffer.from('abc é '), Buffer.from([0xe9]), Buffer.from(' end')])
  assert.throws(
    () => decodeText(latin, 'notes.txt'),
    (error: unknown) => error instanceof UnreadableInputError && error.byte === 7 && error.path === 'notes.txt',
  )
})

test('a byte order mark is dropped and does not shift the byte that is named', () => {
  const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('ok'), Buffer.from([0xff])])
  assert.equal(decodeText(marked.subarray(0, 5), 'a'), 'ok')
  assert.throws(
    () => decodeText(marked, 'a'),
    (error: unknown) => error instanceof UnreadableInputError && error.byte === 5,
  )
})

test('UTF-16 of both orders is read where its mark says so', () => {
  const little = Buffer.from('\ufeffgrüße 😀', 'utf16le')
  assert.equal(decodeText(little, 'a'), 'grüße 😀')
  assert.equal(decodeText(Buffer.from(little).swap16(), 'a'), 'grüße 😀')
  assert.equal(isBinary(little), false)
  assert.equal(isBinary(little.subarray(2)), true)
})

test('half a surrogate pair in UTF-16 is named by its byte', () => {
  for (const [text, byte] of [
    ['\ufeffab\ud83dc', 6],
    ['\ufeffa\ude00', 4],
  ] as const)
    assert.throws(
      () => decodeText(Buffer.from(text, 'utf16le'), 'a'),
      (error: unknown) => error instanceof UnreadableInputError && error.byte === byte,
    )
  assert.throws(
    () => decodeText(Buffer.from([0xff, 0xfe, 0x61]), 'a'),
    (error: unknown) => error instanceof UnreadableInputError && error.byte === 2,
  )
})

test('a stream decodes to the same text wherever it is cut', async () => {
  const mark = fc.constantFrom('', '\ufeff')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), mark, fc.integer({ min: 1, max: 9 }), async (text, bom, cut) => {
      const clean = text.replaceAll('\0', '')
      assert.equal(await decodeCut(Buffer.from(bom + clean), cut), clean)
      const little = Buffer.from(`\ufeff${clean}`, 'utf16le')
      assert.equal(await decodeCut(little, cut), clean)
      assert.equal(await decodeCut(Buffer.from(little).swap16(), cut), clean)
    }),
  )
})

test('a stream names the first bad byte wherever it is cut', async () => {
  const content = Buffer.concat([Buffer.from('日本語 '), Buffer.from([0xe6, 0x97]), Buffer.from('x')])
  for (let cut = 1; cut <= content.length; cut++)
    await assert.rejects(
      decodeCut(content, cut),
      (error: unknown) => error instanceof UnreadableInputError && error.byte === 10,
    )
  await assert.rejects(
    decodeCut(Buffer.from('ab\0c'), 3),
    (error: unknown) => error instanceof UnreadableInputError && error.byte === 2,
  )
})

test('a lone surrogate is found where it stands', () => {
  assert.equal(loneSurrogate('a😀b'), -1)
  assert.equal(loneSurrogate('a😀\ud83d'), 3)
  assert.equal(loneSurrogate('\ude00'), 0)
})
