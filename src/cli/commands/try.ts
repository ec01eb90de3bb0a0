import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'

interface TryFlags extends JsonFlag {
  readonly query?: readonly string[]
}

export const command = defineCommand<TryFlags>({
  name: 'try',
  summary: 'search a built-in help centre; offline, nothing is kept',
  arguments: [],
  options: [
    {
      flags: '-q, --query <text>',
      summary: 'ask this instead; repeatable',
      repeatable: true,
      fallback: 'three questions',
    },
    jsonOption,
  ],
  examples: ['vecino try', 'vecino try --query "Can my office pay later?"'],
  async run({ flags, terminal, json, signal }: CommandInput<TryFlags>) {
    const [{ demonstrate }, { printDemonstration }, { printJson }] = await Promise.all([
      import('../demonstrate.ts'),
      import('../print-demonstration.ts'),
      import('../print-json.ts'),
    ])
    const demonstration = await demonstrate(flags.query, signal)
    if (json) printJson(demonstration, terminal)
    else printDemonstration(demonstration, terminal)
    return undefined
  },
})
