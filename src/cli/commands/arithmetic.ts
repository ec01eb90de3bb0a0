import { type CommandInput, defineCommand, jsonOption } from '../command.ts'
import { integerFlag, modelOption } from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface ArithmeticFlags extends FormatFlags {
  readonly model?: string
  readonly vectors?: string
  readonly among?: string
  readonly topK?: number
}

export const command = defineCommand<ArithmeticFlags>({
  name: 'arithmetic',
  summary: 'king - man + woman: add and subtract meanings, with a verdict',
  arguments: [{ name: 'terms', summary: 'words or texts with + or - between spaces', required: true, variadic: true }],
  options: [
    {
      flags: '--vectors <path>',
      summary: 'calculate with word vectors (word2vec text or binary, GloVe)',
      complete: 'paths',
    },
    {
      flags: '--among <path>',
      summary: 'choose the answer among the lines of this file',
      fallback: 'the words the model knows',
      complete: 'paths',
    },
    { flags: '-k, --top-k <n>', summary: 'answers wanted', parse: integerFlag(1, 100), fallback: '5' },
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino arithmetic "king - man + woman"',
    'vecino arithmetic "Paris - France + Italy" --vectors vectors.bin',
  ],
  async run({ words, flags, terminal }: CommandInput<ArithmeticFlags>) {
    const format = tableFormat(flags)
    const [{ arithmetic }, { printJson }, { printTable }, { safeLine }] = await Promise.all([
      import('../../arithmetic.ts'),
      import('../print-json.ts'),
      import('../table.ts'),
      import('../sanitize.ts'),
    ])
    const { model, topK } = flags
    const result = await arithmetic(words.join(' '), {
      model,
      topK,
      vectors: flags.vectors === undefined ? undefined : await vectorsIn(flags.vectors),
      among: flags.among === undefined ? undefined : await linesIn(flags.among, terminal),
    })
    if (format === 'json') {
      printJson(result, terminal)
      return undefined
    }
    printTable(
      [
        { name: 'answer', value: ({ text }) => text, style: 'cyan' },
        { name: 'cosine', value: ({ cosine }) => cosine, digits: 3 },
      ],
      result.nearest,
      terminal,
      format,
    )
    if (format === 'table') {
      const { landed, percentile, nearestTerm, candidates } = result
      const verdict = landed ? 'landed' : 'landed nowhere in particular'
      terminal.note(
        `${verdict}: nearer to its answer than ${percentile} % of random sums are to theirs, of ${candidates.toLocaleString('en')} answers`,
      )
      if (nearestTerm.cosine > (result.nearest[0]?.cosine ?? -1))
        terminal.note(
          `nearer still to ${safeLine(nearestTerm.text)} (${nearestTerm.cosine.toFixed(3)}), which it began with`,
        )
    }
    return undefined
  },
})

async function vectorsIn(path: string) {
  const { readWordVectors } = await import('../../models/word-vectors.ts')
  return readWordVectors(path)
}

async function linesIn(path: string, terminal: CommandInput<ArithmeticFlags>['terminal']): Promise<readonly string[]> {
  const { linesOf } = await import('../standard-input.ts')
  return linesOf(path, terminal)
}
