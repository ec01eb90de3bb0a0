import { NotFoundError, UnsupportedError } from '../spec/errors.ts'
import type { TokenizerJson } from '../text/tokenizers/tokenizer.ts'
import { starterFolder } from './load.ts'
import { readModelFile } from './model-files.ts'

const word = /^\p{L}[\p{L}'’-]+$/u

/**
 * The words that a local model's tokenizer has as one piece: what it can name without guessing at spellings.
 *
 * @param nameOrFolder - `starter`, or the path of a folder.
 * @throws {NotFoundError} when there is no tokenizer.json in it.
 * @throws {UnsupportedError} when its pieces are not WordPiece, which alone tells whole words from parts.
 */
export async function wholeWords(nameOrFolder: string): Promise<string[]> {
  const folder = nameOrFolder === 'starter' ? starterFolder : nameOrFolder
  const content = await readModelFile(folder, 'tokenizer.json')
  if (content === undefined)
    throw new NotFoundError('tokenizer.json of the model', nameOrFolder, 'Name words to choose among.')
  const { model } = JSON.parse(Buffer.from(content).toString('utf8')) as TokenizerJson
  if (model.type !== 'WordPiece')
    throw new UnsupportedError(
      'words of the model',
      'a WordPiece tokenizer',
      String(model.type),
      'Name words to choose among.',
    )
  return Object.keys(model['vocab'] as Record<string, number>).filter((piece) => word.test(piece))
}
