import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
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

export interface ClustersFlags extends CollectionFlag, FilterFlags, FormatFlags, JsonFlag, UnitFlag {
  readonly model?: string
  readonly method?: 'k-means' | 'density'
  readonly k?: number | 'suggest'
  readonly minClusterSize?: number
  readonly seed?: number
  readonly examples?: number
  readonly out?: string
  readonly save?: string
  readonly use?: string
  readonly noise?: boolean
}

export const command = defineCommand<ClustersFlags>({
  name: 'clusters',
  summary: 'groups of sources by meaning, named, with how far to trust them',
  arguments: [],
  options: [
    {
      flags: '--method <method>',
      summary: 'k-means: every item in a group; density: only where items lie close',
      parse: choiceFlag(['k-means', 'density']),
      fallback: 'k-means',
      complete: ['k-means', 'density'],
    },
    {
      flags: '-k, --k <n>',
      summary: 'number of groups, or suggest',
      parse: (text, flag) => (text === 'suggest' ? text : integerFlag(1)(text, flag)),
      fallback: 'suggest, with the reason',
    },
    { flags: '--min-cluster-size <n>', summary: 'for density: least items of a group', parse: integerFlag(2) },
    unitOption('group whole sources, or their passages'),
    ...filterOptions,
    { flags: '--seed <n>', summary: 'same seed, same groups', parse: integerFlag(0), fallback: '0' },
    { flags: '--examples <n>', summary: 'examples kept of each group', parse: integerFlag(1, 1000), fallback: '3' },
    { flags: '--noise', summary: 'list the items in no group, and why' },
    { flags: '-o, --out <path>', summary: "write each item's group as CSV", complete: 'paths' },
    { flags: '--save <path>', summary: 'keep the groups for --use (JSON)', complete: 'paths' },
    {
      flags: '--use <path>',
      summary: 'sort items into groups saved before, instead of finding new ones',
      complete: 'paths',
    },
    collectionOption,
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino clusters',
    'vecino clusters --k 12 --out groups.csv --save groups.json',
    'vecino clusters --method density --noise',
    'vecino clusters --use groups.json --where lang=en --json',
  ],
  async run({ flags, terminal, signal }: CommandInput<ClustersFlags>) {
    const [{ withCollection }, printing, { writeWhole }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-clusters.ts'),
      import('../write-file.ts'),
    ])
    const { by, out, save, use, method, k, minClusterSize, seed, examples } = flags
    const [format, filter] = [tableFormat(flags), filterOf(flags)]
    if (use !== undefined) {
      printing.assertNoneBeside(flags)
      const [{ readFile }, { clustersFromJson }] = await Promise.all([
        import('node:fs/promises'),
        import('../../analyses/saved-clusters.ts'),
      ])
      const saved = clustersFromJson(await readFile(use, 'utf8'), use)
      const assigned = await withCollection(flags, (collection) =>
        collection.assignToClusters(saved, { by, filter, signal }),
      )
      if (out !== undefined) await writeWhole(out, printing.groupsCsv(assigned, saved))
      printing.printAssigned(assigned, saved, terminal, format)
      return undefined
    }
    const found = await withCollection(flags, (collection) =>
      collection.clusters({ by, filter, method, k, minClusterSize, seed, examples, signal }),
    )
    const rows = found.ids.map((id, i) => ({ id, label: found.labels[i] as number }))
    if (out !== undefined) await writeWhole(out, printing.groupsCsv(rows, found))
    if (save !== undefined) {
      const { clustersToJson } = await import('../../analyses/saved-clusters.ts')
      await writeWhole(save, `${clustersToJson(found)}\n`)
    }
    printing.printClusters(found, terminal, { format, noise: flags.noise === true, out, save })
    return undefined
  },
})
