import { clustersToJson } from '../analyses/saved-clusters.ts'
import type { ClusterAssignment, Clusters, CollectionClusters } from '../spec/clusters.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { flagOf } from './command.ts'
import type { ClustersFlags } from './commands/clusters.ts'
import { safeLine } from './sanitize.ts'
import { type Column, csvTable, printTable } from './table.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'

interface Wanted {
  readonly format: TableFormat
  readonly noise: boolean
  readonly out: string | undefined
  readonly save: string | undefined
}

/** The groups as a table; what to know about the whole goes to stderr. */
export function printClusters(found: CollectionClusters, terminal: Terminal, wanted: Wanted): void {
  if (wanted.format === 'json') {
    const document = { ...JSON.parse(clustersToJson(found)), centroids: undefined }
    terminal.out(`${JSON.stringify(document, null, 2)}\n`)
    return
  }
  if (wanted.noise) printTable(noiseColumns(found), found.noise, terminal, wanted.format)
  else printTable(columns, found.clusters, terminal, wanted.format)
  const { suggestion, noise, withoutVector, stability } = found
  const say = (text: string) => terminal.note(text)
  if (suggestion !== undefined) {
    const others =
      suggestion.alternatives.length === 0 ? '' : `; also worth a look: ${suggestion.alternatives.join(', ')}`
    say(`Suggested ${suggestion.reason}${others}.`)
  }
  if (stability !== undefined)
    say(`Clusterings of subsamples agree with this one by ${stability.toFixed(2)} (adjusted Rand; 1 is the same).`)
  if (found.k === 0) say('No clusters: nowhere do enough items lie close. Try a smaller --min-cluster-size.')
  else if (noise.length > 0) say(`${noise.length} of ${found.ids.length} items are in no group; --noise lists them.`)
  if (withoutVector > 0) say(`${withoutVector} left out: the model knows no word of them.`)
  for (const path of [wanted.out, wanted.save]) if (path !== undefined) say(`Wrote ${safeLine(path)}.`)
}

const columns: readonly Column<Clusters['clusters'][number]>[] = [
  { name: 'group', value: ({ label }) => label },
  { name: 'size', value: ({ size }) => size },
  { name: 'name', value: ({ name }) => name, style: 'bold', wraps: true },
  { name: 'stability', value: ({ stability }) => stability, digits: 2 },
  { name: 'representative', value: ({ representatives }) => representatives[0]?.id },
]

function noiseColumns({ clusters }: Clusters): Column<Clusters['noise'][number]>[] {
  return [
    { name: 'item', value: ({ id }) => id },
    { name: 'nearest group', value: ({ nearest }) => (nearest === undefined ? undefined : nameOf(clusters, nearest)) },
    { name: 'cosine', value: ({ similarity }) => similarity, digits: 3 },
    { name: 'its members reach', value: ({ reach }) => reach, digits: 3 },
    { name: 'why', value: ({ reason }) => reason },
  ]
}

function nameOf(clusters: Clusters['clusters'], label: number): string {
  return clusters[label]?.name || `group ${label}`
}

/** One line an item: id, number and name of its group; −1 and an empty name for none. */
export function groupsCsv(rows: readonly { readonly id: string; readonly label: number }[], saved: Clusters): string {
  return csvTable(
    [
      { name: 'id', value: ({ id }) => id },
      { name: 'group', value: ({ label }) => label },
      { name: 'name', value: ({ label }) => saved.clusters[label]?.name },
    ],
    rows,
  )
}

export function printAssigned(
  assigned: readonly (ClusterAssignment & { readonly id: string })[],
  saved: Clusters,
  terminal: Terminal,
  format: TableFormat,
): void {
  printTable(
    [
      { name: 'item', value: ({ id }) => id },
      { name: 'group', value: ({ label }) => label },
      { name: 'name', value: ({ label }) => (label === -1 ? 'none' : nameOf(saved.clusters, label)) },
      { name: 'cosine', value: ({ similarity }) => similarity, digits: 3 },
      { name: 'margin', value: ({ margin }) => margin, digits: 3 },
    ],
    assigned,
    terminal,
    format,
  )
}

/** `--use` finds no groups, so whatever says how to find them would be ignored. */
export function assertNoneBeside(flags: ClustersFlags): void {
  for (const name of ['method', 'k', 'minClusterSize', 'seed', 'examples', 'save', 'noise'] as const)
    if (flags[name] !== undefined)
      throw new InvalidArgumentError('--use', 'no flag that says how to find groups', flagOf(name), 'Leave it out.')
}
