import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { type CollectionFlag, collectionOption } from '../flags.ts'

type RemoveFlags = CollectionFlag & JsonFlag

export const command = defineCommand<RemoveFlags>({
  name: 'remove',
  summary: 'remove sources from the collection; their files stay',
  arguments: [{ name: 'ids', summary: 'of the sources, as `vecino list` prints them', required: true, variadic: true }],
  options: [collectionOption, jsonOption],
  examples: ['vecino remove returns.md', 'vecino remove old/a.md old/b.md --json'],
  async run({ words, flags, terminal, json }: CommandInput<RemoveFlags>) {
    const [{ withCollection }, { printJson }, { plural }] = await Promise.all([
      import('../open-collection.ts'),
      import('../print-json.ts'),
      import('../progress.ts'),
    ])
    const { removed, left } = await withCollection(flags, async (collection) => {
      const removed = await collection.remove(words)
      return { removed, left: (await collection.status()).sources }
    })
    if (json) printJson({ removed, left }, terminal)
    else terminal.out(`removed ${plural(removed, 'source')}; ${plural(left, 'source')} left\n`)
    return undefined
  },
})
