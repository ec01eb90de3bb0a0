import type { QuerySource } from '../../core/choose-queries.ts'
import type { KeptDtype } from '../../core/choose-variants.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, flagOf, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { type CollectionFlag, choiceFlag, collectionOption, integerFlag, listFlag } from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface ChooseFlags extends CollectionFlag, FormatFlags, JsonFlag {
  readonly models?: readonly string[]
  readonly dimensions?: readonly number[]
  readonly dtypes?: readonly KeptDtype[]
  readonly queries?: string
  readonly from?: QuerySource
  readonly maxQueries?: number
  readonly seed?: number
}

const sources: readonly QuerySource[] = ['titles', 'headings', 'sentences']

export const command = defineCommand<ChooseFlags>({
  name: 'choose',
  summary: 'measure models on your own texts and say which to take',
  arguments: [
    {
      name: 'paths',
      summary: 'files and folders; without them the collection',
      required: false,
      variadic: true,
      complete: 'paths',
    },
  ],
  options: [
    {
      flags: '-m, --models <names>',
      summary: 'models by name or folder, with commas between',
      parse: listFlag,
      fallback: 'starter',
    },
    {
      flags: '--dimensions <list>',
      summary: 'cut vectors to so many dimensions, with commas between',
      parse: integersFlag,
      fallback: "each model's own",
    },
    {
      flags: '--dtypes <list>',
      summary: 'keep vectors as float32, int8 or binary, with commas between',
      parse: dtypesFlag,
      fallback: 'float32',
    },
    {
      flags: '--queries <path>',
      summary: 'your own questions: a table with the columns query and doc (id of a document), perhaps rel',
      complete: 'paths',
    },
    {
      flags: '--from <what>',
      summary: 'ask for titles, headings or sentences of the texts',
      parse: choiceFlag(sources),
      fallback: 'the first that gives 50 questions',
      complete: sources,
    },
    { flags: '--max-queries <n>', summary: 'questions at most', parse: integerFlag(2, 10_000), fallback: '300' },
    { flags: '--seed <n>', summary: 'of the draws', parse: integerFlag(0), fallback: '0' },
    collectionOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino choose --dimensions 64,128,256 --dtypes float32,int8,binary',
    'vecino choose ./docs --models starter,./all-MiniLM-L6-v2,openai:text-embedding-3-small',
    'vecino choose --queries questions.csv --models starter,ollama:nomic-embed-text --json',
  ],
  interruptible: true,
  async run({ words, flags, terminal, json, signal }: CommandInput<ChooseFlags>) {
    const format = tableFormat(flags)
    if (words.length > 0 && flags.collection !== undefined)
      throw new InvalidArgumentError(
        '--collection',
        'no paths beside it',
        `${words.length} paths`,
        'Give one or the other.',
      )
    for (const name of ['from', 'maxQueries'] as const)
      if (flags.queries !== undefined && flags[name] !== undefined)
        throw new InvalidArgumentError(flagOf(name), 'no --queries beside it', flags[name], 'All of yours are asked.')
    const [{ chooseModel }, { isAbort, printStopped }, { chooseProgress, printChoice }] = await Promise.all([
      import('../../choose-model.ts'),
      import('../interruption.ts'),
      import('../print-choice.ts'),
    ])
    const { models = ['starter'], dimensions, dtypes, from, maxQueries, seed } = flags
    const queries = flags.queries === undefined ? from : await readOwnQueries(flags.queries)
    const progress = chooseProgress(terminal, json)
    try {
      const choice = await withDocuments(words, flags, (collection) =>
        chooseModel(collection, models, {
          dimensions,
          dtypes,
          queries,
          maxQueries,
          seed,
          signal,
          onProgress: progress.onProgress,
        }),
      )
      progress.end()
      printChoice(choice, terminal, format)
    } catch (error) {
      progress.end()
      if (!isAbort(error, signal)) throw error
      printStopped('nothing was kept', 'Run the same command again.', terminal, json)
      return exitStatus.interrupted
    }
    return undefined
  },
})

async function readOwnQueries(path: string) {
  const { readChooseQueries } = await import('../../core/read-choose-queries.ts')
  return readChooseQueries(path)
}

/** The collection, or one in memory made of the paths. */
async function withDocuments<T>(
  paths: readonly string[],
  flags: ChooseFlags,
  use: (collection: Awaited<ReturnType<typeof import('../../open.ts').open>>) => Promise<T>,
): Promise<T> {
  if (paths.length === 0) {
    const { withCollection } = await import('../open-collection.ts')
    return withCollection(flags, use)
  }
  const { open } = await import('../../open.ts')
  const collection = await open(':memory:')
  try {
    await collection.add(paths)
    return await use(collection)
  } finally {
    await collection.close()
  }
}

function integersFlag(text: string, flag: string): number[] {
  return listFlag(text, flag).map((part) => integerFlag(1, 100_000)(part, flag))
}

function dtypesFlag(text: string, flag: string): string[] {
  return listFlag(text, flag).map((part) => choiceFlag(['float32', 'int8', 'binary'])(part, flag))
}
