import type { GraphDtype } from '../../models/graph-files.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { choiceFlag } from '../flags.ts'

interface PullFlags extends JsonFlag {
  readonly dtype?: GraphDtype
  readonly revision?: string
  readonly from?: string
  readonly offline?: boolean
  readonly dryRun?: boolean
}

const dtypes: readonly GraphDtype[] = ['float32', 'float16', 'int8', 'uint8', 'q4']

export const command = defineCommand<PullFlags>({
  name: 'pull',
  summary: 'bring a model here from the Hugging Face hub or a folder',
  arguments: [
    { name: 'model', summary: 'owner/name on the hub, or a name that `vecino models` lists', required: true },
  ],
  options: [
    {
      flags: '--dtype <dtype>',
      summary: "which of the model's graphs",
      parse: choiceFlag(dtypes),
      fallback: 'float32',
      complete: dtypes,
    },
    { flags: '--revision <revision>', summary: 'branch, tag or commit', fallback: 'main' },
    {
      flags: '--from <place>',
      summary: 'a folder to copy from, or the address of a mirror of the hub',
      fallback: 'HF_ENDPOINT, else https://huggingface.co',
      complete: 'paths',
    },
    { flags: '--offline', summary: 'refuse whatever needs a network' },
    { flags: '--dry-run', summary: 'show what would be brought, and stop' },
    jsonOption,
  ],
  examples: [
    'vecino pull all-MiniLM-L6-v2 --dtype int8',
    'vecino pull BAAI/bge-small-en-v1.5 --dry-run',
    'vecino pull all-MiniLM-L6-v2 --from ./all-MiniLM-L6-v2',
  ],
  interruptible: true,
  async run({ words, flags, terminal, json, signal }: CommandInput<PullFlags>) {
    const [name = ''] = words
    const { dtype, revision, from, offline, dryRun = false } = flags
    const [
      { planPull },
      { knownLocalModel },
      { isAbort, printStopped },
      { progressView },
      { rateOf },
      { printJson },
      { printPlan, megabytes },
    ] = await Promise.all([
      import('../../models/pull.ts'),
      import('../../models/known-local-models.ts'),
      import('../interruption.ts'),
      import('../progress.ts'),
      import('../rate.ts'),
      import('../print-json.ts'),
      import('../print-pull.ts'),
    ])
    const view = progressView(terminal, json)
    const rate = rateOf(() => performance.now())
    try {
      const pull = await planPull(name, { dtype, revision, from, offline, signal })
      const warning = knownLocalModel(pull.plan.model)?.warning
      if (json) {
        if (dryRun) printJson({ ...pull.plan, warning }, terminal)
        else terminal.err(`${JSON.stringify({ event: 'plan', ...pull.plan, warning })}\n`)
      } else printPlan(pull.plan, warning, terminal)
      if (dryRun) return undefined
      const report = await pull.run({
        signal,
        onProgress: (bytes, total) => {
          const [done, all] = [Math.floor(bytes / 1e6), Math.ceil(total / 1e6)]
          view.show({ phase: 'pull', done, total: all, unit: 'MB', ...rate(done, all) })
        },
      })
      view.end()
      if (json) printJson(report, terminal)
      else {
        terminal.out(
          `${report.model}: ${report.files} files, ${megabytes(report.sizeBytes)}, checked; ${report.target}\n`,
        )
        if (report.hosts.length > 0) terminal.note(`asked ${report.hosts.join(', ')}`)
        const suffix = dtype === undefined || dtype === 'float32' ? '' : `?dtype=${dtype}`
        terminal.err(`next: vecino add ./docs --model '${report.model}${suffix}'\n`)
      }
      return undefined
    } catch (error) {
      view.end()
      if (!isAbort(error, signal)) throw error
      printStopped('what came is kept', 'Run the same command again and it goes on from there.', terminal, json)
      return exitStatus.interrupted
    }
  },
})
