import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UnreadableInputError } from '../spec/errors.ts'
import { byteLines } from './byte-lines.ts'
import { collect } from './fixtures/read-text.ts'

async function* cut(content: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

test('lines and their numbers are the same wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-zé ]{0,8}$/)),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 7 }),
      async (lines, lineBreak, size) => {
        const content = Buffer.from(lines.join(lineBreak))
        const expected = lines.map((text, i) => ({ text, line: i + 1 }))
        if (expected.at(-1)?.text === '') expected.pop()
        assert.deepEqual(await collect(byteLines(cut(content, size), 'f', 100)), expected)
      },
    ),
  )
})

test('a line over the limit is refused with its number and size, in one piece or in many', async () => {
  const content = Buffer.from(`ok\n${'é'.repeat(30)}\nok\n`)
  for (const size of [1, 5, 1000])
    await assert.rejects(collect(byteLines(cut(content, size), 'rows.jsonl', 59)), (error: unknown) => {
      assert.ok(error instanceof UnreadableInputError)
      assert.equal(error.line, 2)
      assert.match(
        error.message,
        /rows\.jsonl:2: expected lines of at most 59 bytes, got one of (?:60|more than 59) bytes/,
      )
      return true
    })
  assert.equal((await collect(byteLines(cut(content, 7), 'rows.jsonl', 60))).length, 3)
})
