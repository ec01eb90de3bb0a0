/**
 * Tokenize every text of the shared text, crosslingual and code sets, and compare the ids with the reference tokenizer's
 * by the digests that test/reference/tokenizer_lines.py made, 10,000 texts each. The small tokenizers of the other kinds
 * (BPE, Unigram) read every 40th text.
 *
 * node test/slow/tokenizer-lines.ts
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { createTokenizer } from '../../src/text/tokenizers/create.ts'
import { loadTokenizer } from '../../src/text/tokenizers/load.ts'
import type { Tokenizer, TokenizerJson } from '../../src/text/tokenizers/tokenizer.ts'
import { Ledger } from './support/harness.ts'

interface Reference {
  readonly chunk: number
  readonly stride: number
  readonly tokenizers: Record<string, { readonly sha256: string; readonly files: Record<string, readonly string[]> }>
  readonly small: Record<string, readonly string[]>
}

const shared = new URL('../../../shared/', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8'))
const folders: Readonly<Record<string, URL>> = {
  MiniLM: new URL('models/all-MiniLM-L6-v2', shared),
  starter: new URL('../../models/starter', import.meta.url),
}

if (!existsSync(shared)) {
  console.log(`skipped: the texts are not there (${fileURLToPath(shared)})`)
  process.exit(0)
}
if (!existsSync(new URL('../reference/tokenizer-lines.json', import.meta.url))) {
  console.log('skipped: no digests yet, make them with test/reference/tokenizer_lines.py')
  process.exit(0)
}
const reference: Reference = read('tokenizer-lines')

const ledger = new Ledger()
const files = Object.keys(Object.values(reference.tokenizers)[0]?.files ?? {})
const loaded = new Map<string, Tokenizer>()
for (const [name, { sha256 }] of Object.entries(reference.tokenizers))
  await ledger.trial(`${name}: the tokenizer that the digests were made with`, async () => {
    const { tokenizer, digest } = await loadTokenizer(fileURLToPath(folders[name] as URL))
    assert.equal(digest, sha256, 'another tokenizer.json: run test/reference/tokenizer_lines.py again')
    loaded.set(name, tokenizer)
  })

const sample: string[] = []
for (const file of files) {
  const texts = textsOf(file)
  for (let i = 0; i < texts.length; i += reference.stride) sample.push(texts[i] as string)
  for (const [name, tokenizer] of loaded)
    await ledger.trial(`${name} on ${file}`, () =>
      compare(tokenizer, texts, reference.tokenizers[name]?.files[file] as readonly string[]),
    )
}
for (const { name, json } of read('tokenizers').cases as { name: string; json: TokenizerJson }[])
  await ledger.trial(`${name} on every ${reference.stride}th text`, () =>
    compare(createTokenizer(json, name), sample, reference.small[name] as readonly string[]),
  )
console.log(`${files.length} files, ${sample.length * reference.stride} texts or a few less`)
ledger.close()

/** Lines of a text file; the string values of each line's object in JSON Lines. */
function textsOf(file: string): string[] {
  const text = gunzipSync(readFileSync(new URL(`data/${file}`, shared))).toString('utf8')
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  if (file.endsWith('.txt.gz')) return lines
  return lines.flatMap((line) => Object.values(JSON.parse(line)).filter((value) => typeof value === 'string'))
}

function compare(tokenizer: Tokenizer, texts: readonly string[], digests: readonly string[]): void {
  assert.equal(digests.length, Math.ceil(texts.length / reference.chunk))
  for (const [i, expected] of digests.entries()) {
    const digest = createHash('sha256')
    for (const text of texts.slice(i * reference.chunk, (i + 1) * reference.chunk)) {
      const ids = tokenizer.encode(text)
      digest.update(Int32Array.of(ids.length)).update(ids)
    }
    const found = digest.digest('hex').slice(0, 16)
    assert.equal(found, expected, `texts from ${i * reference.chunk} on`)
  }
}
