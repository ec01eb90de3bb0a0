import { InvalidArgumentError } from '../../spec/errors.ts'
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
  type UnitFlag,
  unitOption,
} from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface SampleFlags extends CollectionFlag, FilterFlags, FormatFlags, UnitFlag {
  readonly model?: string
  readonly size?: number
  readonly method?: 'typical' | 'spread'
}

const methods = ['typical', 'spread']

export const command = defineCommand<SampleFlags>({
  name: 'sample',
  summary: 'a few sources that stand for all, and how much they cover',
  arguments: [],
  options: [
    { flags: '-n, --size <n>', summary: 'sources wanted', parse: integerFlag(1) },
    {
      flags: '--method <method>',
      summary: 'typical: what many are near to; spread: down to the oddest',
      parse: choiceFlag(methods),
      fallback: 'typical',
      complete: methods,
    },
    unitOption('choose whole sources, or passages'),
    ...filterOptions,
    collectionOption,
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: ['vecino sample -n 50', 'vecino sample -n 200 --method spread --format csv'],
  async run({ flags, terminal, signal }: CommandInput<SampleFlags>) {
    const format = tableFormat(flags)
    const { size, method, by } = flags
    if (size === undefined) throw new InvalidArgumentError('--size', 'how many, such as -n 50', undefined)
    const [{ withCollection }, { printJson }, { printSample }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-json.ts'),
      import('../print-sample.ts'),
    ])
    const report = await withCollection(flags, (collection) =>
      collection.sample({ size, method, by, filter: filterOf(flags), signal }),
    )
    if (format === 'json') printJson(report, terminal)
    else printSample(report, terminal, format)
    return undefined
  },
})
