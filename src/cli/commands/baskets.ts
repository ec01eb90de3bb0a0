import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag } from '../command.ts'
import { integerFlag } from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface BasketsFlags extends FormatFlags, JsonFlag {
  readonly out?: string
  readonly items?: string
  readonly dimensions?: number
  readonly minCount?: number
  readonly epochs?: number
  readonly seed?: number
  readonly topK?: number
}

const actions = ['train', 'also']

/** Baskets an item from which on nine of ten nearest items are right, in baskets drawn from known groups. */
const enoughBaskets = 6

export const command = defineCommand<BasketsFlags>({
  name: 'baskets',
  summary: 'what is bought together: learn it, and ask',
  arguments: [
    {
      name: 'action',
      summary:
        'train and a file of baskets, one a line, ids with commas between; or also, what train wrote and items in the basket',
      required: true,
      variadic: true,
      complete: 'paths',
    },
  ],
  options: [
    { flags: '-o, --out <path>', summary: 'train: where the vectors are written, as word2vec text', complete: 'paths' },
    { flags: '--items <path>', summary: 'train: the ids there are, one a line; others are refused', complete: 'paths' },
    { flags: '--dimensions <n>', summary: 'train: numbers an item', parse: integerFlag(1, 100_000), fallback: '64' },
    {
      flags: '--min-count <n>',
      summary: 'train: rarer items are left out',
      parse: integerFlag(1, 100_000),
      fallback: '2',
    },
    {
      flags: '--epochs <n>',
      summary: 'train: passes over the baskets',
      parse: integerFlag(1, 100_000),
      fallback: '30',
    },
    { flags: '--seed <n>', summary: 'train: same seed, same bytes', parse: integerFlag(0), fallback: '0' },
    { flags: '-k, --top-k <n>', summary: 'also: items wanted', parse: integerFlag(1, 10_000), fallback: '10' },
    formatOption,
    { flags: '--json', summary: 'print one JSON document on stdout, JSON lines on stderr' },
  ],
  examples: ['vecino baskets train orders.csv --out items.txt', 'vecino baskets also items.txt tent lamp -k 5'],
  async run({ words: [action = '', file = '', ...ids], flags, terminal, json, signal }: CommandInput<BasketsFlags>) {
    const [{ readFile }, { NotFoundError }, { printJson }, { printTable }, { safeLine }, models, vectorFiles] =
      await Promise.all([
        import('node:fs/promises'),
        import('../../spec/errors.ts'),
        import('../print-json.ts'),
        import('../table.ts'),
        import('../sanitize.ts'),
        import('../../models/item-vectors.ts'),
        import('../../models/word-vectors.ts'),
      ])
    const textOf = async (path: string) => {
      try {
        return await readFile(path, 'utf8')
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError('file', path)
        throw cause
      }
    }
    if (action === 'train') {
      const { out, items, dimensions, minCount, epochs, seed } = flags
      if (out === undefined) throw new InvalidArgumentError('--out', 'a path to write the vectors to', undefined)
      if (ids.length > 0) throw new InvalidArgumentError('ids', 'none for train', `${ids.length}`)
      const known =
        items === undefined ? undefined : new Set((await textOf(items)).split(/\r?\n/).map((id) => id.trim()))
      const baskets = models.parseBaskets(await textOf(file), { known, path: file })
      const vectors = await models.itemVectors(baskets, { dimensions, minCount, epochs, seed, signal })
      await vectorFiles.writeWordVectors(out, vectors)
      const learnt = new Set(vectors.words)
      const seen = baskets.flat().filter((id) => learnt.has(id)).length / learnt.size
      if (json) printJson({ out, baskets: baskets.length, items: vectors.words.length, basketsPerItem: seen }, terminal)
      else {
        terminal.out(`${safeLine(out)}\n`)
        terminal.note(
          `${vectors.words.length.toLocaleString('en')} items from ${baskets.length.toLocaleString('en')} baskets.`,
        )
        if (seen < enoughBaskets)
          terminal.note(
            `Few baskets: an item is in ${seen.toFixed(1)} of them on average. What goes together shows from about ${enoughBaskets} on; ` +
              'in made-up shops one in six of the nearest items was right with 2, half of them with 4, nearly all with 10.',
          )
      }
      return undefined
    }
    if (action !== 'also') throw new InvalidArgumentError('action', actions.join(' or '), action)
    if (ids.length === 0) throw new InvalidArgumentError('ids', 'at least one item', 'none')
    const vectors = await vectorFiles.readWordVectors(file)
    const found = vectors.mostSimilar({ positive: ids, topK: flags.topK ?? 10 })
    printTable(
      [
        { name: 'item', value: (row) => row.word },
        { name: 'score', value: (row) => row.score, digits: 3 },
      ],
      found,
      terminal,
      tableFormat(flags),
    )
    return undefined
  },
})
