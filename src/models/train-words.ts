import type { WordVectors } from '../kernels/word-vectors.ts'
import { type Word2vecOptions, word2vec } from '../kernels/word2vec.ts'
import { corpusWords } from '../text/corpus-words.ts'

export interface TrainWordsOptions extends Word2vecOptions {
  /** @default true */
  readonly lowerCase?: boolean
}

export interface TrainedWords {
  readonly vectors: WordVectors
  readonly sentences: number
  /** Words read, rare ones included. */
  readonly tokens: number
  /** Occurrences of a word of the vocabulary, on average. */
  readonly tokensAWord: number
  /** Why the vectors can hardly be good; undefined where there was text enough. */
  readonly tooLittle: string | undefined
}

/**
 * Below it analogies and neighbours are mostly chance. The same training answered 21 % of the questions of
 * questions-words on 15 million words of mixed English, and 10 % on 6 million.
 */
const enoughTokens = 1_000_000

/**
 * Train word vectors on a text file, one sentence or paragraph a line; see `word2vec` for the options.
 *
 * @throws {NotFoundError} when there is no such file.
 * @throws {InvalidArgumentError} when fewer than two words are frequent enough, or an option is out of range.
 */
export async function trainWords(path: string, options: TrainWordsOptions = {}): Promise<TrainedWords> {
  const { lowerCase, ...rest } = options
  let [sentences, tokens] = [0, 0]
  async function* counted() {
    for await (const words of corpusWords(path, lowerCase === undefined ? {} : { lowerCase })) {
      sentences++
      tokens += words.length
      yield words
    }
  }
  const vectors = await word2vec(counted(), rest)
  const known = (vectors.counts ?? new Uint32Array(0)).reduce((sum, count) => sum + count, 0)
  const tokensAWord = known / vectors.words.length
  const figures = `${tokens.toLocaleString('en')} words of text, ${vectors.words.length.toLocaleString('en')} different ones learnt, each seen ${Math.round(tokensAWord).toLocaleString('en')} times on average`
  const tooLittle =
    tokens < enoughTokens
      ? `Too little text for good vectors: ${figures}. Neighbours and analogies need a million words and more (on 6 million words 10 % of analogies come out right, on 15 million 21 %).`
      : undefined
  return { vectors, sentences, tokens, tokensAWord, tooLittle }
}
