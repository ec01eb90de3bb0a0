import type { DuplicateKind, DuplicatesReport, Keep } from '../../spec/duplicates.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, flagOf, jsonOption } from '../command.ts'
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

interface DuplicatesFlags extends CollectionFlag, FilterFlags, FormatFlags, UnitFlag {
  readonly model?: string
  readonly method?: DuplicateKind | 'both'
  readonly threshold?: number
  readonly falseAlarmRate?: number
  readonly targetSize?: number
  readonly keep?: Keep
  readonly across?: string
  readonly keepSide?: string
  readonly against?: string
  readonly review?: string
  readonly apply?: string
  readonly limit?: number
}

const defaultLimit = 20
const kinds = ['text', 'meaning', 'both']
const rules: readonly Keep[] = ['first', 'longest', 'richest', 'newest']

export const command = defineCommand<DuplicatesFlags>({
  name: 'duplicates',
  summary: 'sources that say the same: by text, by meaning or both',
  arguments: [],
  options: [
    {
      flags: '--method <method>',
      summary: 'what makes two the same: text, meaning or both',
      parse: choiceFlag(kinds),
      fallback: 'both',
      complete: kinds,
    },
    { flags: '--threshold <cosine>', summary: 'least cosine of near-duplicates, in (0, 1]', parse: rateFlag(1) },
    {
      flags: '--false-alarm-rate <rate>',
      summary: 'share of random pairs that may be taken for duplicates',
      parse: rateFlag(0.5),
      fallback: 'a chance of 1 in 10 that any pair is taken wrongly',
    },
    { flags: '--target-size <n>', summary: 'leave so many, the most unlike', parse: integerFlag(1) },
    {
      flags: '--keep <rule>',
      summary: 'which one of a group stays: first, longest, richest, newest',
      parse: choiceFlag(rules),
      fallback: 'first',
      complete: rules,
    },
    unitOption('compare whole sources, or passages'),
    { flags: '--across <field>', summary: 'only between sources whose metadata differs there, such as train and test' },
    { flags: '--keep-side <value>', summary: 'with --across: sources with this value always stay' },
    { flags: '--against <path>', summary: 'compare with another collection, which stays as it is', complete: 'paths' },
    {
      flags: '--review <path>',
      summary: 'write every decision to a .csv or .jsonl file, to be changed',
      complete: 'paths',
    },
    { flags: '--apply <path>', summary: 'remove the sources that a review file says to remove', complete: 'paths' },
    { flags: '--limit <n>', summary: 'groups to print', parse: integerFlag(0), fallback: String(defaultLimit) },
    ...filterOptions,
    collectionOption,
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino duplicates',
    'vecino duplicates --keep newest --review review.csv',
    'vecino duplicates --apply review.csv',
    'vecino duplicates --against train.vecino -c test.vecino',
  ],
  async run({ flags, terminal, signal }: CommandInput<DuplicatesFlags>) {
    const format = tableFormat(flags)
    const [{ withCollection }, { plural }, { printJson }] = await Promise.all([
      import('../open-collection.ts'),
      import('../progress.ts'),
      import('../print-json.ts'),
    ])
    if (flags.apply !== undefined) {
      assertAlone(flags)
      const { applyReview } = await import('../duplicates-review.ts')
      const removed = await withCollection(flags, (collection) => applyReview(flags.apply as string, collection))
      if (format === 'json') printJson({ removed }, terminal)
      else terminal.note(`${plural(removed.length, 'source')} removed.`)
      return undefined
    }
    assertReview(flags)
    const { by, method, threshold, falseAlarmRate, targetSize, keep, across, keepSide } = flags
    const options = {
      by,
      method,
      threshold,
      falseAlarmRate,
      targetSize,
      keep,
      across,
      keepSide,
      filter: filterOf(flags),
      signal,
    }
    const report = await withCollection(flags, (collection) =>
      flags.against === undefined
        ? collection.duplicates(options)
        : withCollection({ collection: flags.against, model: flags.model }, (against) =>
            collection.duplicates({ ...options, against }),
          ),
    )
    if (flags.review !== undefined) {
      const { writeReview } = await import('../duplicates-review.ts')
      await writeReview(flags.review, report)
    }
    if (format === 'json') printJson(report, terminal)
    else await printGroups(report, flags.limit ?? defaultLimit, terminal, format)
    if (format === 'table' && flags.review !== undefined)
      terminal.note(`${flags.review}: change what you like, then vecino duplicates --apply ${flags.review}`)
    return undefined
  },
})

async function printGroups(
  report: DuplicatesReport,
  limit: number,
  terminal: CommandInput<DuplicatesFlags>['terminal'],
  format: 'table' | 'csv' | 'markdown',
): Promise<void> {
  const { printDuplicates } = await import('../print-duplicates.ts')
  printDuplicates(report, limit, terminal, format)
}

function assertReview({ review, by, limit, format }: DuplicatesFlags): void {
  if (review !== undefined && !/\.(csv|jsonl)$/i.test(review))
    throw new InvalidArgumentError('--review', 'a file that ends in .csv or .jsonl', review)
  if (review !== undefined && by === 'passage')
    throw new InvalidArgumentError(
      '--review',
      'whole sources, not --by passage',
      by,
      'Only whole sources can be removed.',
    )
  if (limit !== undefined && format !== undefined && format !== 'table')
    throw new InvalidArgumentError('--limit', 'a table', format, 'Other formats have every group.')
}

function assertAlone(flags: DuplicatesFlags): void {
  const beside = Object.keys(flags).find((name) => !['apply', 'collection', 'model', 'json', 'format'].includes(name))
  if (beside !== undefined)
    throw new InvalidArgumentError(
      '--apply',
      'no other choice beside it',
      flagOf(beside),
      'The file has every decision.',
    )
}
