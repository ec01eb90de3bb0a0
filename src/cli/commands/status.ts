import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

type StatusFlags = CollectionFlag & JsonFlag

const indexMeanings = {
  fresh: 'ready',
  stale: 'behind; it is brought up to date by the next search',
  absent: 'none stored; a search compares every passage',
} as const

export const command = defineCommand<StatusFlags>({
  name: 'status',
  summary: 'what the collection holds, its model and its size',
  arguments: [],
  options: [collectionOption, jsonOption],
  examples: ['vecino status', 'vecino status --json'],
  async run({ flags, terminal, json }: CommandInput<StatusFlags>) {
    const [{ withCollection }, { printJson }, { safeLine }, { bytes, count }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-json.ts'),
      import('../sanitize.ts'),
      import('../progress.ts'),
    ])
    const status = await withCollection(flags, (collection) => collection.status())
    if (json) {
      printJson(status, terminal)
      return undefined
    }
    const rows: [string, string][] = [
      ['collection', `${safeLine(status.path)}  (format ${status.formatVersion}, ${bytes(status.sizeBytes)})`],
      ['sources', count(status.sources)],
      ['passages', `${count(status.passages)}  (${count(status.tokens)} tokens)`],
      ['model', `${safeLine(status.model)}, ${status.dimensions} dimensions`],
      ['fingerprint', status.fingerprint.slice(0, 16)],
      ['index', indexMeanings[status.index]],
    ]
    if (status.paid !== undefined) {
      const { showUsd } = await import('../../core/run-ledger.ts')
      const { tokens, usd, lostTokens } = status.paid
      const lost = lostTokens > 0 ? `, and up to ${count(lostTokens)} more for requests cut off` : ''
      rows.push(['paid so far', `${count(tokens)} tokens${lost}${usd === null ? '' : ` (${showUsd(usd)})`}`])
    }
    for (const [name, value] of rows) terminal.out(`${terminal.paint('dim', name.padEnd(12))}${value}\n`)
    return undefined
  },
})
