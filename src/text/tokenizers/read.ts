import { CorruptDataError } from '../../spec/errors.ts'
import type { Tokenizer, TokenizerJson } from './tokenizer.ts'
import { scanVocabulary, type VocabularyBytes, type VocabularyScan } from './vocabulary-bytes.ts'
import { WordPieceTokenizer } from './wordpiece.ts'

/**
 * Read the bytes of a `tokenizer.json`.
 *
 * @param place - Names the file in errors.
 * @param scan - Reads the vocabulary; a kernel is faster where there is one.
 * @throws {CorruptDataError} when it is no JSON or lacks what its kind needs.
 * @throws {UnsupportedError} naming a component that is not read here.
 */
export async function readTokenizer(
  bytes: Uint8Array,
  place: string,
  scan: VocabularyScan = scanVocabulary,
): Promise<Tokenizer> {
  const scanned = scanWordPiece(bytes, place, scan)
  if (scanned !== undefined) return new WordPieceTokenizer(scanned.json, place, scanned.vocabulary)
  let json: TokenizerJson
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new CorruptDataError(place, 'JSON', 'another text', { remedy: 'Take the file from its source again.', cause })
  }
  // Imported late: the starter needs none of the other kinds.
  const { createTokenizer } = await import('./create.ts')
  return createTokenizer(json, place)
}

/** The file with its vocabulary read apart; undefined when it is not a WordPiece file of the usual form. */
function scanWordPiece(
  bytes: Uint8Array,
  place: string,
  scan: VocabularyScan,
): { json: TokenizerJson; vocabulary: VocabularyBytes } | undefined {
  const open = openingOfVocabulary(bytes)
  if (open < 0) return undefined
  const scanned = scan(bytes, open, place)
  if (scanned === undefined) return undefined
  const decoder = new TextDecoder()
  const rest = `${decoder.decode(bytes.subarray(0, open))}{}${decoder.decode(bytes.subarray(scanned.end))}`
  try {
    const json = JSON.parse(rest)
    const isModels = json?.model?.type === 'WordPiece' && Object.keys(json.model.vocab ?? { none: 0 }).length === 0
    return isModels ? { json, vocabulary: scanned.vocabulary } : undefined
  } catch {
    return undefined
  }
}

const key = new TextEncoder().encode('"vocab":{')

/** Offset of the vocabulary's `{`; −1 where the file is laid out in another way. */
function openingOfVocabulary(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(key[0] as number); at >= 0; at = bytes.indexOf(key[0] as number, at + 1))
    if (key.every((byte, i) => bytes[at + i] === byte)) return at + key.length - 1
  return -1
}
