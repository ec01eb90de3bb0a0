import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CorruptDataError, NotFoundError } from '../../spec/errors.ts'
import type { Tokenizer, TokenizerJson } from './tokenizer.ts'
import { scanVocabulary, type VocabularyBytes, type VocabularyScan } from './vocabulary-bytes.ts'
import { WordPieceTokenizer } from './wordpiece.ts'

/**
 * Read `tokenizer.json` of a model folder.
 *
 * @param scan - Reads the vocabulary; a kernel is faster where there is one.
 * @returns the tokenizer and the SHA-256 of the file's bytes, in hex.
 * @throws {NotFoundError} when the folder has none.
 * @throws {CorruptDataError} when it is no JSON or lacks what its kind needs.
 * @throws {UnsupportedError} naming a component that is not read here.
 */
export async function loadTokenizer(
  folder: string,
  scan: VocabularyScan = scanVocabulary,
): Promise<{ tokenizer: Tokenizer; digest: string }> {
  const path = join(folder, 'tokenizer.json')
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new NotFoundError('tokenizer file', path, `Choose a folder that holds tokenizer.json. (${String(cause)})`)
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  const scanned = scanWordPiece(bytes, path, scan)
  if (scanned !== undefined)
    return { tokenizer: new WordPieceTokenizer(scanned.json, path, scanned.vocabulary), digest }
  let json: TokenizerJson
  try {
    json = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new CorruptDataError(path, 'JSON', 'another text', { remedy: 'Take the file from its source again.', cause })
  }
  // Imported late: the starter needs none of the other kinds.
  const { createTokenizer } = await import('./create.ts')
  return { tokenizer: createTokenizer(json, path), digest }
}

/** The file with its vocabulary read apart; undefined when it is not a WordPiece file of the usual form. */
function scanWordPiece(
  bytes: Buffer,
  place: string,
  scan: VocabularyScan,
): { json: TokenizerJson; vocabulary: VocabularyBytes } | undefined {
  const key = '"vocab":{'
  const at = bytes.indexOf(key)
  if (at < 0) return undefined
  const open = at + key.length - 1
  const scanned = scan(bytes, open, place)
  if (scanned === undefined) return undefined
  const rest = `${bytes.toString('utf8', 0, open)}{}${bytes.toString('utf8', scanned.end)}`
  try {
    const json = JSON.parse(rest)
    const isModels = json?.model?.type === 'WordPiece' && Object.keys(json.model.vocab ?? { none: 0 }).length === 0
    return isModels ? { json, vocabulary: scanned.vocabulary } : undefined
  } catch {
    return undefined
  }
}
