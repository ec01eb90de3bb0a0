import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import {
  type CollectionFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
  modelOption,
} from '../flags.ts'

interface SimilarFlags extends CollectionFlag, FilterFlags, JsonFlag {
  readonly model?: string
  readonly topK?: number
  readonly offset?: number
  readonly bySource?: boolean
}

export const command = defineCommand<SimilarFlags>({
  name: 'similar',
  summary: 'neighbours in meaning of a source or passage',
  arguments: [{ name: 'id', summary: 'of a source (returns.md) or a passage (returns.md#2)', required: true }],
  options: [
    { flags: '-k, --top-k <n>', summary: 'neighbours wanted', parse: integerFlag(1, 10_000), fallback: '10' },
    { flags: '--offset <n>', summary: 'neighbours to pass over first', parse: integerFlag(0), fallback: '0' },
    ...filterOptions,
    { flags: '--by-source', summary: 'at most one neighbour a source: its best' },
    collectionOption,
    modelOption,
    jsonOption,
  ],
  examples: ['vecino similar returns.md', 'vecino similar returns.md --by-source -k 3 --json'],
  async run({ words, flags, terminal, json, signal }: CommandInput<SimilarFlags>) {
    const [{ withCollection }, { printHits }, { printJson }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-hits.ts'),
      import('../print-json.ts'),
    ])
    const [id = ''] = words
    const { topK, offset, bySource } = flags
    const hits = await withCollection(flags, (collection) =>
      collection.similar(id, { topK, offset, bySource, filter: filterOf(flags), signal }),
    )
    if (json) printJson({ id, hits }, terminal)
    else if (hits.length > 0) printHits(hits, terminal, { firstRank: (offset ?? 0) + 1 })
    else terminal.note('Nothing else is here to compare with.')
    return undefined
  },
})
