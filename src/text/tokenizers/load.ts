import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NotFoundError } from '../../spec/errors.ts'
import { readTokenizer } from './read.ts'
import type { Tokenizer } from './tokenizer.ts'
import type { VocabularyScan } from './vocabulary-bytes.ts'

/**
 * Read `tokenizer.json` of a model folder; see `readTokenizer`.
 *
 * @returns the tokenizer and the SHA-256 of the file's bytes, in hex.
 * @throws {NotFoundError} when the folder has none.
 */
export async function loadTokenizer(
  folder: string,
  scan?: VocabularyScan,
): Promise<{ tokenizer: Tokenizer; digest: string }> {
  const path = join(folder, 'tokenizer.json')
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new NotFoundError('tokenizer file', path, `Choose a folder that holds tokenizer.json. (${String(cause)})`)
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { tokenizer: await readTokenizer(bytes, path, scan), digest }
}
