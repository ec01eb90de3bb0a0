import type { SearchMode } from '../../spec/collection.ts'
import type { Receipt } from '../../spec/usage.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import {
  type CollectionFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
  modeFlag,
  modelOption,
  rateFlag,
  type SpendingFlags,
  spendingFlags,
} from '../flags.ts'

interface SearchFlags extends CollectionFlag, FilterFlags, SpendingFlags, JsonFlag {
  readonly model?: string
  readonly topK?: number
  readonly offset?: number
  readonly mode?: SearchMode
  readonly bySource?: boolean
  readonly explain?: boolean
  readonly falseAlarmRate?: number
  readonly rerank?: string
  readonly candidates?: number
}

export const command = defineCommand<SearchFlags>({
  name: 'search',
  summary: 'find what answers a question, by meaning and by words',
  arguments: [{ name: 'query', summary: 'the question, in your words', required: true, variadic: true }],
  options: [
    { flags: '-k, --top-k <n>', summary: 'hits wanted', parse: integerFlag(1, 10_000), fallback: '10' },
    { flags: '--offset <n>', summary: 'hits to pass over first', parse: integerFlag(0), fallback: '0' },
    {
      flags: '--mode <mode>',
      summary: 'both, meaning or words',
      parse: modeFlag,
      fallback: 'both',
      complete: ['both', 'meaning', 'words'],
    },
    ...filterOptions,
    { flags: '--by-source', summary: 'at most one hit a source: its best' },
    { flags: '--explain', summary: 'say what each hit owes to words and to meaning' },
    {
      flags: '--false-alarm-rate <rate>',
      summary: 'share of unrelated questions that may still get an answer, such as 0.05; weaker hits are withheld',
      parse: rateFlag(0.5),
      fallback: 'none: always the nearest',
    },
    {
      flags: '--rerank <model>',
      summary: 'let a reranker order the best: a cross-encoder (folder or pulled), or cohere:, voyage: … and its name',
    },
    {
      flags: '--candidates <n>',
      summary: 'how many the reranker reads',
      parse: integerFlag(1, 1000),
      fallback: '50, or what --top-k and --offset ask for where that is more',
    },
    ...spendingFlags,
    collectionOption,
    modelOption,
    jsonOption,
  ],
  examples: [
    'vecino search "How do I send something back?"',
    "vecino search refund --mode words --where 'year>=2024'",
    'vecino search "opening hours" --false-alarm-rate 0.05 --json',
  ],
  async run({ words, flags, terminal, json, signal }: CommandInput<SearchFlags>) {
    const [{ withCollection }, { printHits }, { printJson }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-hits.ts'),
      import('../print-json.ts'),
    ])
    const query = words.join(' ')
    const { topK, offset, mode = 'hybrid', bySource, explain, falseAlarmRate, maxUsd, usdPerMillionTokens } = flags
    let receipt: Receipt | undefined
    const filter = filterOf(flags)
    const reranker =
      flags.rerank === undefined ? undefined : await (await import('../../registry.ts')).namedReranker(flags.rerank)
    const { hits, reason } = await withCollection(flags, async (collection) => {
      const hits = await collection.search(query, {
        topK,
        offset,
        mode,
        filter,
        bySource,
        explain,
        falseAlarmRate,
        rerank: reranker,
        candidates: flags.candidates,
        maxUsd,
        usdPerMillionTokens,
        onReceipt: (one) => {
          receipt = one
        },
        signal,
      })
      if (hits.length > 0 || filter === undefined) return { hits, reason: undefined }
      const { unlikeBounds } = await import('../unlike-bounds.ts')
      return { hits, reason: await unlikeBounds(collection, filter) }
    })
    if (json) printJson({ query, mode, hits, receipt }, terminal)
    else if (hits.length > 0) printHits(hits, terminal, { firstRank: (offset ?? 0) + 1, mode })
    else terminal.note(reason ?? nothingFound(flags))
    if (!json && receipt !== undefined && receipt.hosts.length > 0) {
      const { describeReceipt } = await import('../print-receipt.ts')
      terminal.note(describeReceipt(receipt))
    }
    return undefined
  },
})

/** An empty list has different reasons, and each its own next step. */
function nothingFound({ mode, offset = 0, falseAlarmRate, ...flags }: SearchFlags): string {
  if (offset > 0) return `Nothing beyond the first ${offset}.`
  const within = filterOf(flags) === undefined ? 'here' : 'among what the filter lets through'
  if (mode === 'keyword') return `None of these words is ${within}. Try it by meaning: --mode meaning.`
  if (falseAlarmRate === undefined)
    return within === 'here'
      ? 'Nothing here is like it: none of its words is found and no passage is nearer in meaning than chance, or the collection is empty.'
      : 'Nothing among what the filter lets through is like it. Try it without the filter, or --mode meaning.'
  return `Nothing ${within} answers that, at a false-alarm rate of ${falseAlarmRate}. The nearest anyway: leave out --false-alarm-rate.`
}
