import type { ListedModel } from '../../model-catalogue.ts'
import { type CommandInput, defineCommand, jsonOption } from '../command.ts'
import type { Column } from '../table.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface ModelsFlags extends FormatFlags {
  readonly local?: boolean
  readonly hosted?: boolean
}

export const command = defineCommand<ModelsFlags>({
  name: 'models',
  summary: 'models known by name: sizes, limits, licences, scores, prices',
  arguments: [],
  options: [
    { flags: '--local', summary: 'only those that run here' },
    { flags: '--hosted', summary: 'only those of providers' },
    formatOption,
    jsonOption,
  ],
  examples: ['vecino models', 'vecino models --local', 'vecino models --format csv'],
  async run({ flags, terminal, json }: CommandInput<ModelsFlags>) {
    const format = tableFormat(flags)
    const [{ listModels }, { printTable }, { printJson }] = await Promise.all([
      import('../../model-catalogue.ts'),
      import('../table.ts'),
      import('../print-json.ts'),
    ])
    const { local = false, hosted = false } = flags
    const models = (await listModels()).filter(({ kind }) =>
      local === hosted ? true : local ? kind === 'local' : kind === 'hosted',
    )
    if (json || format === 'json') {
      printJson(models, terminal)
      return undefined
    }
    const locals = models.filter(({ kind }) => kind === 'local')
    const others = models.filter(({ kind }) => kind === 'hosted')
    if (format !== 'table') printTable([...shared, ...localColumns, ...hostedColumns], models, terminal, format)
    else {
      if (locals.length > 0) printTable([...shared, ...localColumns], locals, terminal, format)
      if (locals.length > 0 && others.length > 0) terminal.out('\n')
      if (others.length > 0) printTable([...shared, ...hostedColumns], others, terminal, format)
      for (const { name, warning } of locals) if (warning !== null) terminal.note(`${name}: ${warning}`)
      terminal.note('Scores and prices are as published on their date; `vecino eval` measures on your own texts.')
    }
    return undefined
  },
})

const shared: readonly Column<ListedModel>[] = [
  { name: 'model', value: ({ name }) => name },
  { name: 'dimensions', value: ({ dimensions }) => dimensions },
  { name: 'tokens', value: ({ maxTokens }) => maxTokens ?? undefined },
]

const localColumns: readonly Column<ListedModel>[] = [
  { name: 'licence', value: ({ licence }) => licence ?? undefined },
  { name: 'MB', value: ({ megabytes }) => megabytes ?? undefined },
  { name: 'here', value: ({ isHere }) => (isHere ? 'yes' : 'no') },
  { name: 'MTEB', value: ({ mteb }) => mteb ?? undefined, digits: 2 },
  { name: 'published', value: ({ mtebDate }) => mtebDate ?? undefined },
  { name: 'languages', value: ({ languages }) => languages ?? undefined },
  { name: 'query prompt', value: ({ queryPrompt }) => queryPrompt || undefined },
  { name: 'document prompt', value: ({ documentPrompt }) => documentPrompt || undefined },
]

const hostedColumns: readonly Column<ListedModel>[] = [
  { name: '$ per million tokens', value: ({ usdPerMillionTokens }) => usdPerMillionTokens ?? undefined },
  {
    name: 'priced',
    value: ({ pricedOn, usdPerMillionTokens }) => (usdPerMillionTokens === null ? undefined : (pricedOn ?? undefined)),
  },
]
