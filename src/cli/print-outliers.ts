import type { OutlierItem, OutliersReport } from '../spec/outliers.ts'
import { plural } from './progress.ts'
import { type Column, printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

/** The oddest items, which of them are outliers, and what is nearest to each. */
export function printOutliers(report: OutliersReport, terminal: Terminal, format: 'table' | 'csv' | 'markdown'): void {
  const { ranked, items, flagged, isTested, withoutVector } = report
  if (ranked.length > 0 || format !== 'table') printTable(columns, ranked, terminal, format)
  if (format !== 'table') return
  const verdict = isTested
    ? `${flagged === 0 ? 'no outlier' : plural(flagged, 'outlier')} among them`
    : 'fewer than 100 say too little about what is usual, so none is called an outlier'
  if (items < 2) terminal.note(`${plural(items, 'item')}: nothing to compare with.`)
  else terminal.note(`${plural(items, 'item')}: ${verdict}. ${typicalLine(report)}`)
  if (withoutVector > 0) terminal.note(`${plural(withoutVector, 'item')} left out: the model knows no word of them`)
}

function typicalLine({ typicalDistance, typicalUnsharedWords, typicalWordRarity }: OutliersReport): string {
  const words =
    typicalUnsharedWords === undefined || typicalWordRarity === undefined
      ? ''
      : `, of own words ${typicalUnsharedWords.toFixed(2)} and rarity ${typicalWordRarity.toFixed(1)}`
  return `Their typical distance is ${typicalDistance.toFixed(3)}${words}.`
}

const columns: readonly Column<OutlierItem>[] = [
  { name: 'id', value: ({ id }) => id, style: 'cyan' },
  { name: 'text', value: ({ title, text }) => title ?? text.slice(0, 200).toWellFormed() },
  { name: 'outlier', value: ({ isOutlier }) => (isOutlier ? 'yes' : 'no') },
  { name: 'distance', value: ({ distance }) => distance, digits: 3 },
  { name: 'own words', value: ({ unsharedWords }) => unsharedWords, digits: 2 },
  { name: 'rarity', value: ({ wordRarity }) => wordRarity, digits: 1 },
  { name: 'nearest', value: ({ nearest }) => nearest[0]?.id },
  { name: 'cosine', value: ({ nearest }) => nearest[0]?.cosine, digits: 3 },
]
