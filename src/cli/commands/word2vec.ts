import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand } from '../command.ts'
import { choiceFlag, integerFlag } from '../flags.ts'
import { type FormatFlags, formatOption } from '../table-format.ts'

export interface Word2vecFlags extends FormatFlags {
  readonly out?: string
  readonly not?: readonly string[]
  readonly topK?: number
  readonly algorithm?: 'cbow' | 'skip-gram'
  readonly dimensions?: number
  readonly window?: number
  readonly minCount?: number
  readonly epochs?: number
  readonly negative?: number
  readonly keepCase?: boolean
  readonly seed?: number
  readonly analogies?: string
  readonly pairs?: readonly string[]
}

const actions = ['train', 'most-similar', 'analogy', 'relation', 'evaluate']
const algorithms = ['skip-gram', 'cbow']

export const command = defineCommand<Word2vecFlags>({
  name: 'word2vec',
  summary: 'vectors of words: train, ask, evaluate',
  arguments: [
    {
      name: 'action',
      summary:
        'train and a corpus; or most-similar, analogy, relation or evaluate, word vectors (word2vec or GloVe) and the words asked about',
      required: true,
      variadic: true,
      complete: 'paths',
    },
  ],
  options: [
    { flags: '-o, --out <path>', summary: 'train: .bin for the binary format, else text', complete: 'paths' },
    {
      flags: '--algorithm <name>',
      summary: `train: ${algorithms.join(' or ')}`,
      parse: choiceFlag(algorithms),
      fallback: 'skip-gram',
      complete: algorithms,
    },
    { flags: '--dimensions <n>', summary: 'train: numbers a word', parse: integerFlag(1, 100_000), fallback: '100' },
    {
      flags: '--window <n>',
      summary: 'train: words seen on either side',
      parse: integerFlag(1, 100_000),
      fallback: '5',
    },
    {
      flags: '--min-count <n>',
      summary: 'train: rarer words are left out',
      parse: integerFlag(1, 100_000),
      fallback: '5',
    },
    { flags: '--epochs <n>', summary: 'train: passes over the corpus', parse: integerFlag(1, 100_000), fallback: '5' },
    { flags: '--negative <n>', summary: 'train: noise words', parse: integerFlag(1, 100_000), fallback: '5' },
    { flags: '--keep-case', summary: 'train: "Turkey" and "turkey" are two words' },
    { flags: '--seed <n>', summary: 'train: same seed, same bytes', parse: integerFlag(0), fallback: '0' },
    { flags: '-k, --top-k <n>', summary: 'words wanted', parse: integerFlag(1, 10_000), fallback: '10' },
    {
      flags: '--not <word>',
      summary: 'most-similar: and far from this word; may be given several times',
      repeatable: true,
    },
    {
      flags: '--analogies <path>',
      summary: 'evaluate: questions in the form of questions-words.txt',
      complete: 'paths',
    },
    {
      flags: '--pairs <path>',
      summary: 'evaluate: word pairs with scores; may be given several times',
      repeatable: true,
      complete: 'paths',
    },
    formatOption,
    { flags: '--json', summary: 'print one JSON document on stdout, JSON lines on stderr' },
  ],
  examples: [
    'vecino word2vec train corpus.txt --out vectors.bin',
    'vecino word2vec most-similar vectors.bin learning -k 5',
    'vecino word2vec analogy vectors.bin man king woman',
    'vecino word2vec relation vectors.bin walk walking swim swimming',
    'vecino word2vec evaluate vectors.bin --analogies questions-words.txt --pairs simlex.tsv',
  ],
  interruptible: true,
  async run({ words: [action = '', file = '', ...words], flags, terminal, json, signal }: CommandInput<Word2vecFlags>) {
    const perform = await import('../word2vec-actions.ts')
    const output = { flags, terminal, json, signal }
    if (action === 'train') return perform.train(file, words, output)
    if (action === 'most-similar') return perform.mostSimilar(file, words, output)
    if (action === 'analogy') return perform.analogy(file, words, output)
    if (action === 'relation') return perform.relation(file, words, output)
    if (action === 'evaluate') return perform.evaluate(file, words, output)
    throw new InvalidArgumentError('action', actions.join(', '), action)
  },
})
