import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, jsonOption } from '../command.ts'
import { modelOption } from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface ContextFlags extends FormatFlags {
  readonly model?: string
}

export const command = defineCommand<ContextFlags>({
  name: 'context',
  summary: 'compare a word with itself in other sentences',
  arguments: [
    { name: 'word', summary: 'as it stands in every sentence: bank', required: true },
    { name: 'sentences', summary: 'two or more that hold the word', required: true, variadic: true },
  ],
  options: [modelOption, formatOption, jsonOption],
  examples: ['vecino context bank "She sat by the river bank" "I opened a new bank account" --model all-MiniLM-L6-v2'],
  async run({ words, flags, terminal, signal }: CommandInput<ContextFlags>) {
    const [word = '', ...sentences] = words
    const format = tableFormat(flags)
    if (sentences.length < 2)
      throw new InvalidArgumentError('sentences', 'two or more', sentences.length, 'Put each between quotes.')
    if (flags.model === undefined)
      throw new InvalidArgumentError(
        '--model',
        'a local transformer',
        'nothing',
        'Try: --model all-MiniLM-L6-v2, after vecino pull all-MiniLM-L6-v2.',
      )
    const [{ embedWords }, { similarityMatrix }, { printTable }] = await Promise.all([
      import('../../embed-words.ts'),
      import('../../kernels/compare.ts'),
      import('../table.ts'),
    ])
    const vectors = await embedWords(
      sentences.map((text) => ({ text, word })),
      { model: flags.model, signal },
    )
    const { data, columns } = similarityMatrix(vectors, vectors)
    const pairs = sentences.flatMap((_, a) =>
      sentences.slice(a + 1).map((_, i) => ({ a, b: a + 1 + i, cosine: data[a * columns + a + 1 + i] as number })),
    )
    printTable(
      [
        { name: 'cosine', value: ({ cosine }) => cosine, digits: 3 },
        { name: 'one', value: ({ a }) => sentences[a] },
        { name: 'other', value: ({ b }) => sentences[b] },
      ],
      pairs.sort((a, b) => b.cosine - a.cosine || a.a - b.a || a.b - b.b),
      terminal,
      format,
    )
    return undefined
  },
})
