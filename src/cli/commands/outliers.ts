import { type CommandInput, defineCommand, jsonOption } from '../command.ts'
import {
  type CollectionFlag,
  choiceFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
  modelOption,
  rateFlag,
  type UnitFlag,
  unitOption,
} from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface OutliersFlags extends CollectionFlag, FilterFlags, FormatFlags, UnitFlag {
  readonly model?: string
  readonly method?: 'local' | 'global'
  readonly neighbors?: number
  readonly falseDiscoveryRate?: number
  readonly topK?: number
}

const methods = ['local', 'global']

export const command = defineCommand<OutliersFlags>({
  name: 'outliers',
  summary: 'sources that belong to nothing else here, and why',
  arguments: [],
  options: [
    {
      flags: '--method <method>',
      summary: 'local: far from their neighbours, in meaning and words; global: from the middle of all',
      parse: choiceFlag(methods),
      fallback: 'local',
      complete: methods,
    },
    {
      flags: '--neighbors <n>',
      summary: 'neighbours that count (default: 20, or a tenth of fewer sources)',
      parse: integerFlag(1),
    },
    {
      flags: '--false-discovery-rate <rate>',
      summary: 'share of the flagged that may be none; larger flags more',
      parse: rateFlag(0.5),
      fallback: '0.1',
    },
    {
      flags: '-k, --top-k <n>',
      summary: 'oddest sources to print, flagged or not',
      parse: integerFlag(1, 10_000),
      fallback: '10',
    },
    unitOption('look at whole sources, or passages'),
    ...filterOptions,
    collectionOption,
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: ['vecino outliers', 'vecino outliers --false-discovery-rate 0.2 --format csv'],
  async run({ flags, terminal, signal }: CommandInput<OutliersFlags>) {
    const format = tableFormat(flags)
    const [{ withCollection }, { printJson }, { printOutliers }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-json.ts'),
      import('../print-outliers.ts'),
    ])
    const { method, neighbors: nNeighbors, falseDiscoveryRate, topK, by } = flags
    const report = await withCollection(flags, (collection) =>
      collection.outliers({ method, nNeighbors, falseDiscoveryRate, topK, by, filter: filterOf(flags), signal }),
    )
    if (format === 'json') printJson(report, terminal)
    else printOutliers(report, terminal, format)
    return undefined
  },
})
