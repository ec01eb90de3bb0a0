import { InvalidArgumentError } from '../../spec/errors.ts'
import type { EmbeddingTask } from '../../spec/model.ts'
import type { Receipt } from '../../spec/usage.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { choiceFlag, modelOption, type SpendingFlags, spendingFlags } from '../flags.ts'

interface EmbedFlags extends SpendingFlags, JsonFlag {
  readonly model?: string
  readonly task?: EmbeddingTask
  readonly file?: string
  readonly format?: 'json' | 'npy'
  readonly out?: string
}

const tasks: readonly EmbeddingTask[] = ['document', 'query', 'similarity', 'classification', 'clustering']

export const command = defineCommand<EmbedFlags>({
  name: 'embed',
  summary: 'turn texts into vectors',
  arguments: [
    {
      name: 'texts',
      summary: 'one text each; without them the lines of --file or of standard input',
      required: false,
      variadic: true,
    },
  ],
  options: [
    { flags: '-f, --file <path>', summary: 'embed the lines of this file (- is standard input)', complete: 'paths' },
    modelOption,
    {
      flags: '--task <task>',
      summary: 'the role of the texts: models prompt a query and a document differently',
      parse: choiceFlag(tasks),
      fallback: 'document',
      complete: tasks,
    },
    {
      flags: '--format <format>',
      summary: 'json, or npy for NumPy',
      parse: choiceFlag(['json', 'npy']),
      fallback: 'npy for --out *.npy, else json',
      complete: ['json', 'npy'],
    },
    { flags: '-o, --out <path>', summary: 'write to this file instead of stdout', complete: 'paths' },
    ...spendingFlags,
    jsonOption,
  ],
  examples: [
    'vecino embed "machine learning" "deep learning" "cooking pasta"',
    'vecino embed --file titles.txt --out titles.npy',
    'echo "opening hours" | vecino embed --task query --json',
  ],
  interruptible: true,
  async run(input: CommandInput<EmbedFlags>) {
    const { flags, terminal, json, signal } = input
    const { model, task = 'document', out, maxUsd, usdPerMillionTokens } = flags
    const format = formatOf(flags)
    const [{ embed }, { isAbort, printStopped }, { embeddingJson, embeddingSummary }] = await Promise.all([
      import('../../embed.ts'),
      import('../interruption.ts'),
      import('../print-embeddings.ts'),
    ])
    const texts = await textsOf(input)
    let vectors: Awaited<ReturnType<typeof embed>>
    let receipt: Receipt | undefined
    const onReceipt = (one: Receipt) => {
      receipt = one
    }
    try {
      vectors = await embed(texts, { model, task, signal, maxUsd, usdPerMillionTokens, onReceipt })
    } catch (error) {
      if (!isAbort(error, signal)) throw error
      printStopped('nothing was written', 'Run the same command again to start over.', terminal, json)
      return exitStatus.interrupted
    }
    if (format === 'npy' && out !== undefined) {
      const [{ encodeNpy }, { writeWhole }] = await Promise.all([
        import('../../core/npy.ts'),
        import('../write-file.ts'),
      ])
      await writeWhole(out, encodeNpy(vectors))
    } else if (out !== undefined) {
      const { writeWhole } = await import('../write-file.ts')
      await writeWhole(out, embeddingJson(texts, vectors, { task, receipt }))
    } else terminal.out(embeddingJson(texts, vectors, { task, receipt }))
    if (out !== undefined) {
      const summary = embeddingSummary(vectors, { task, receipt })
      if (json) terminal.out(`${JSON.stringify({ out, format, ...summary }, null, 2)}\n`)
      else terminal.note(`${out}: ${vectors.rows} × ${vectors.columns} float32, model ${summary.model}, task ${task}`)
    }
    if (receipt !== undefined && !json) {
      const { describeReceipt } = await import('../print-receipt.ts')
      terminal.note(describeReceipt(receipt))
    }
    return undefined
  },
})

function formatOf({ format, out }: EmbedFlags): 'json' | 'npy' {
  if (format === 'npy' && out === undefined)
    throw new InvalidArgumentError('--format', 'npy together with --out <path>', 'no --out', 'Try: --out vectors.npy')
  return format ?? (out?.endsWith('.npy') === true ? 'npy' : 'json')
}

async function textsOf({ words, flags, terminal }: CommandInput<EmbedFlags>): Promise<readonly string[]> {
  if (words.length > 0) {
    if (flags.file !== undefined)
      throw new InvalidArgumentError('--file', 'no texts beside it', `${words.length} texts`, 'Give one or the other.')
    return words
  }
  const { linesOf } = await import('../standard-input.ts')
  return linesOf(flags.file ?? '-', terminal)
}
