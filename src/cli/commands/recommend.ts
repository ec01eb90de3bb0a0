import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Recommendation } from '../../spec/recommend.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import {
  type CollectionFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
} from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface RecommendFlags extends CollectionFlag, FilterFlags, FormatFlags, JsonFlag {
  readonly dislike?: readonly string[]
  readonly topK?: number
  readonly diversity?: number
}

function shareFlag(text: string, flag: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 1)) throw new InvalidArgumentError(flag, 'a number from 0 to 1, such as 0.2', text)
  return value
}

export const command = defineCommand<RecommendFlags>({
  name: 'recommend',
  summary: 'sources for who liked these and disliked others',
  arguments: [{ name: 'liked', summary: 'ids of sources', required: true, variadic: true }],
  options: [
    { flags: '--dislike <id>', summary: 'a source that was not liked; may be given several times', repeatable: true },
    { flags: '-k, --top-k <n>', summary: 'sources wanted', parse: integerFlag(1, 10_000), fallback: '10' },
    {
      flags: '--diversity <x>',
      summary: '0: the nearest, 1: as unlike each other as can be',
      parse: shareFlag,
      fallback: '0.2',
    },
    ...filterOptions,
    collectionOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino recommend returns.md refunds.md',
    'vecino recommend returns.md --dislike newsletter.md -k 3 --json',
  ],
  async run({ words, flags, terminal, signal }: CommandInput<RecommendFlags>) {
    const [{ withCollection }, { printTable }] = await Promise.all([
      import('../open-collection.ts'),
      import('../table.ts'),
    ])
    const { dislike, topK, diversity } = flags
    const found = await withCollection(flags, (collection) =>
      collection.recommend({ like: words, dislike, topK, diversity, filter: filterOf(flags), signal }),
    )
    printTable(
      [
        { name: 'id', value: (row: Recommendation) => row.id, style: 'cyan' },
        { name: 'title', value: (row: Recommendation) => row.title },
        { name: 'score', value: (row: Recommendation) => row.score, digits: 3 },
        { name: 'because', value: (row: Recommendation) => row.because },
      ],
      found,
      terminal,
      tableFormat(flags),
    )
    if (found.length === 0) terminal.note('Nothing else is here to recommend.')
    return undefined
  },
})
