import type { Metric } from '../../kernels/metric.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, jsonOption } from '../command.ts'
import { choiceFlag, modelOption } from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface SimilarityFlags extends FormatFlags {
  readonly model?: string
  readonly file?: string
  readonly metric?: keyof typeof metrics
  readonly out?: string
}

const metrics = { cosine: 'cosine', dot: 'ip', euclidean: 'l2' } as const satisfies Record<string, Metric>

export const command = defineCommand<SimilarityFlags>({
  name: 'similarity',
  summary: 'how alike texts are, and what the number means',
  arguments: [
    { name: 'texts', summary: 'two for a pair, more for a matrix; or --file', required: false, variadic: true },
  ],
  options: [
    { flags: '-f, --file <path>', summary: 'compare the lines of this file (- is standard input)', complete: 'paths' },
    {
      flags: '--metric <metric>',
      summary: 'cosine, dot or euclidean (a distance: smaller is nearer)',
      parse: choiceFlag(Object.keys(metrics)),
      fallback: 'cosine',
      complete: Object.keys(metrics),
    },
    { flags: '-o, --out <path>', summary: 'draw the matrix as a heat map, .svg or .png', complete: 'paths' },
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino similarity "I love cats." "My favorite animal is a cat."',
    'vecino similarity --file titles.txt --format csv',
    'vecino similarity "deep learning" "neural networks" "cooking pasta" --out matrix.png',
  ],
  async run(input: CommandInput<SimilarityFlags>) {
    const { flags, terminal, signal } = input
    const { model, metric = 'cosine', out } = flags
    const format = tableFormat(flags)
    assertPicture(out)
    const texts = await textsOf(input)
    const [{ compareTexts }, { printComparison, writeHeatMap }] = await Promise.all([
      import('../../compare-texts.ts'),
      import('../print-comparison.ts'),
    ])
    const comparison = await compareTexts(texts, { model, metric: metrics[metric], signal })
    if (out !== undefined) await writeHeatMap(comparison, out)
    printComparison(comparison, terminal, format)
    if (out !== undefined && format === 'table') terminal.note(`${out}: heat map of ${texts.length} texts`)
    return undefined
  },
})

function assertPicture(out: string | undefined): void {
  if (out !== undefined && !/\.(svg|png)$/i.test(out))
    throw new InvalidArgumentError('--out', 'a file that ends in .svg or .png', out)
}

async function textsOf({ words, flags, terminal }: CommandInput<SimilarityFlags>): Promise<readonly string[]> {
  if (flags.file !== undefined && words.length > 0)
    throw new InvalidArgumentError('--file', 'no texts beside it', `${words.length} texts`, 'Give one or the other.')
  if (flags.file !== undefined) {
    const { linesOf } = await import('../standard-input.ts')
    return linesOf(flags.file, terminal)
  }
  if (words.length < 2)
    throw new InvalidArgumentError('texts', 'two or more', words.length, 'Or the lines of a file: --file titles.txt')
  return words
}
