import type { AddOptions, AddReport, CollectionStatus } from '../../spec/collection.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { type CollectionFlag, collectionOption, integerFlag, modelOption } from '../flags.ts'

interface AddFlags extends CollectionFlag, JsonFlag {
  readonly model?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly ignore?: boolean
  readonly sync?: boolean
  readonly textField?: readonly string[]
  readonly idField?: string
  readonly maxTokens?: number
  readonly overlapTokens?: number
}

type AddOutcome =
  | { readonly report: AddReport; readonly status: CollectionStatus }
  | { readonly report: undefined; readonly status: CollectionStatus }

export const command = defineCommand<AddFlags>({
  name: 'add',
  summary: 'add files and folders; unchanged ones are not read again',
  arguments: [
    {
      name: 'paths',
      summary: 'files or folders; - reads standard input',
      required: true,
      variadic: true,
      complete: 'paths',
    },
  ],
  options: [
    { flags: '--include <pattern>', summary: 'only files that match, as in .gitignore; repeatable', repeatable: true },
    { flags: '--exclude <pattern>', summary: 'no files that match; repeatable', repeatable: true },
    { flags: '--no-ignore', summary: 'read what .gitignore and .vecinoignore name, too' },
    { flags: '--sync', summary: 'remove sources of these folders whose files are gone' },
    {
      flags: '--text-field <name>',
      summary: 'column or field that holds the text of CSV, JSON and JSONL rows; repeatable',
      repeatable: true,
      fallback: 'inferred, and said',
    },
    { flags: '--id-field <name>', summary: 'column or field that names a row' },
    {
      flags: '--max-tokens <n>',
      summary: 'tokens a passage at most',
      parse: integerFlag(8, 1_000_000),
      fallback: "256, or the model's window where that is smaller",
    },
    {
      flags: '--overlap-tokens <n>',
      summary: 'tokens that neighbouring passages of a split text share',
      parse: integerFlag(0, 500_000),
      fallback: '32',
    },
    collectionOption,
    modelOption,
    jsonOption,
  ],
  examples: [
    'vecino add ./docs',
    "vecino add ./site --include '*.md' --exclude drafts/ --sync",
    'vecino add products.csv --text-field name --text-field description --id-field sku',
    'cat notes.txt | vecino add -',
  ],
  interruptible: true,
  async run(input: CommandInput<AddFlags>) {
    const { flags, terminal, json, signal } = input
    const [{ withNewCollection }, { isAbort }, { progressView }, { printAdded, printInterrupted }] = await Promise.all([
      import('../open-collection.ts'),
      import('../interruption.ts'),
      import('../progress.ts'),
      import('../print-added.ts'),
    ])
    const view = progressView(terminal, json)
    const options: AddOptions = {
      ...addOptions(flags),
      signal,
      onProgress: ({ phase, done, total, perSecond, etaMs }) =>
        view.show({ phase, done, total, unit: 'passages', perSecond, etaMs }),
    }
    const { report, status } = await withNewCollection(flags, async (collection): Promise<AddOutcome> => {
      try {
        const report = await collection.add(await inputOf(input), options)
        return { report, status: await collection.status() }
      } catch (error) {
        if (!isAbort(error, signal)) throw error
        return { report: undefined, status: await collection.status() }
      } finally {
        view.end()
      }
    })
    if (report === undefined) {
      printInterrupted(status, terminal, json)
      return exitStatus.interrupted
    }
    printAdded(report, status, terminal, json)
    return undefined
  },
})

function addOptions(flags: AddFlags): AddOptions {
  const { include, exclude, ignore, sync, textField, idField, maxTokens, overlapTokens } = flags
  return {
    include,
    exclude,
    noIgnore: ignore === false,
    sync,
    textFields: textField,
    idField,
    maxTokens,
    overlapTokens,
  }
}

async function inputOf({ words, flags, terminal }: CommandInput<AddFlags>) {
  if (!words.includes('-')) return words
  const { recordsFromInput } = await import('../standard-input.ts')
  return recordsFromInput(words, flags, terminal)
}
