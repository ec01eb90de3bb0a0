import type { AddOptions, AddReport, Collection, Notice } from '../../spec/collection.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import type { Receipt } from '../../spec/usage.ts'
import type { FileFormat } from '../../text/formats.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import {
  type CollectionFlag,
  choiceFlag,
  collectionOption,
  integerFlag,
  listFlag,
  modelOption,
  type SpendingFlags,
  spendingFlags,
} from '../flags.ts'

interface AddFlags extends CollectionFlag, SpendingFlags, JsonFlag {
  readonly quote?: boolean
  readonly model?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly ignore?: boolean
  readonly sync?: boolean
  readonly textFields?: readonly string[]
  readonly format?: FileFormat
  readonly name?: string
  readonly idField?: string | false
  readonly maxTokens?: number
  readonly overlapTokens?: number
}

const formats: readonly FileFormat[] = ['text', 'markdown', 'html', 'json', 'jsonl', 'csv', 'tsv', 'code']

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
      flags: '--text-fields <names>',
      summary: 'columns or fields that hold the text of CSV, JSON and JSONL rows: name,description',
      parse: listFlag,
      fallback: 'inferred, and said',
    },
    {
      flags: '--id-field <name>',
      summary: 'column or field that names a row',
      fallback: 'id where the rows have one, else file and line',
    },
    { flags: '--no-id-field', summary: 'name rows by file and line, whatever fields they have' },
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
    {
      flags: '--format <format>',
      summary: 'of standard input',
      parse: choiceFlag(formats),
      fallback: 'jsonl when it begins with {, else text',
      complete: formats,
    },
    { flags: '--name <name>', summary: 'of standard input, for ids and messages', fallback: 'stdin' },
    { flags: '--quote', summary: 'say what it would take (tokens, money, time, disk) and add nothing' },
    ...spendingFlags,
    collectionOption,
    modelOption,
    jsonOption,
  ],
  examples: [
    'vecino add ./docs',
    'vecino add ./docs --model openai:text-embedding-3-small --quote',
    "vecino add ./site --include '*.md' --exclude drafts/ --sync",
    'vecino add products.csv --text-fields name,description --id-field sku',
    'cat notes.txt | vecino add -',
  ],
  interruptible: true,
  async run(input: CommandInput<AddFlags>) {
    const { flags, terminal, json, signal } = input
    const [
      { withNewCollection },
      { isAbort },
      { progressView },
      { printAdded, printInterrupted },
      { describeReceipt },
    ] = await Promise.all([
      import('../open-collection.ts'),
      import('../interruption.ts'),
      import('../progress.ts'),
      import('../print-added.ts'),
      import('../print-receipt.ts'),
    ])
    const view = progressView(terminal, json)
    const { source, options, notices } = await whatToAdd(input)
    if (flags.quote === true) return quoted(input, source, options)
    return withNewCollection(flags, async (collection) => {
      let receipt: Receipt | undefined
      try {
        const report = await collection.add(source, {
          ...options,
          onReceipt: (one) => {
            receipt = one
          },
          signal,
          onProgress: ({ phase, done, total, perSecond, etaMs }) =>
            view.show({ phase, done, total, unit: 'passages', perSecond, etaMs }),
        })
        view.end()
        printAdded(withNotices(report, notices), await collection.status(), {
          terminal,
          json,
          given: flags.collection,
        })
        return undefined
      } catch (error) {
        view.end()
        // The run is paid for however it ended.
        if (receipt !== undefined && receipt.hosts.length > 0 && !json) terminal.note(describeReceipt(receipt))
        if (!isAbort(error, signal)) throw error
        printInterrupted(await collection.status(), terminal, json)
        return exitStatus.interrupted
      }
    })
  },
})

/** Say what adding would take. */
async function quoted(
  { flags, terminal, json, signal }: CommandInput<AddFlags>,
  source: WhatToAdd['source'],
  options: AddOptions,
): Promise<undefined> {
  const [{ withNewCollection }, { printQuote }, { printJson }] = await Promise.all([
    import('../open-collection.ts'),
    import('../print-quote.ts'),
    import('../print-json.ts'),
  ])
  await withNewCollection(flags, async (collection) => {
    const quote = await collection.quote(source, { ...options, signal })
    const status = await collection.status()
    if (json) printJson({ collection: status.path, model: status.model, ...quote }, terminal)
    else printQuote(quote, status, terminal)
  })
}

interface WhatToAdd {
  readonly source: Parameters<Collection['add']>[0]
  readonly options: AddOptions
  /** Those of reading standard input, which the collection does not see. */
  readonly notices: readonly Notice[]
}

async function whatToAdd({ words, flags, terminal, signal }: CommandInput<AddFlags>): Promise<WhatToAdd> {
  const { include, exclude, ignore, sync, textFields, idField, maxTokens, overlapTokens, format, name } = flags
  const { maxUsd, usdPerMillionTokens } = flags
  const cutting = { maxTokens, overlapTokens, maxUsd, usdPerMillionTokens }
  if (!words.includes('-')) {
    refuse({ '--format': format, '--name': name }, 'paths', 'It is for standard input: vecino add -')
    return {
      source: words,
      options: { ...cutting, include, exclude, noIgnore: ignore === false, sync, textFields, idField },
      notices: [],
    }
  }
  if (words.length > 1)
    throw new InvalidArgumentError('paths', '- alone', words, 'Add files and standard input in two runs.')
  const forPaths = {
    '--include': include,
    '--exclude': exclude,
    '--sync': sync,
    '--no-ignore': ignore ? undefined : true,
  }
  refuse(forPaths, 'standard input', 'It is for files and folders.')
  const { inputRecords } = await import('../standard-input.ts')
  const notices: Notice[] = []
  const onNotice = (notice: Notice) => void notices.push(notice)
  const source = inputRecords(terminal, { name: name ?? 'stdin', format, textFields, idField, signal, onNotice })
  return { source, options: cutting, notices }
}

/** A flag that would be without effect is refused, not ignored. */
function refuse(flags: Readonly<Record<string, unknown>>, beside: string, remedy: string): void {
  for (const [flag, value] of Object.entries(flags))
    if (value !== undefined) throw new InvalidArgumentError(flag, `not to be given with ${beside}`, value, remedy)
}

function withNotices(report: AddReport, notices: readonly Notice[]): AddReport {
  const noticeCounts: Record<string, number> = { ...report.noticeCounts }
  for (const { kind } of notices) noticeCounts[kind] = (noticeCounts[kind] ?? 0) + 1
  return { ...report, notices: [...notices, ...report.notices], noticeCounts }
}
