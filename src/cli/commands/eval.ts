import type { ReadTasks } from '../../core/read-evaluation-tasks.ts'
import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { integerFlag, listFlag } from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

interface EvalFlags extends JsonFlag, FormatFlags {
  readonly models?: readonly string[]
  readonly out?: string
  readonly cache?: string
  readonly seed?: number
}

export const command = defineCommand<EvalFlags>({
  name: 'eval',
  summary: 'measure models and searches on texts with known answers',
  arguments: [
    {
      name: 'tasks',
      summary:
        'files or folders: scored or labelled pairs, labelled texts, retrieval sets (also as BEIR lays them out)',
      required: true,
      variadic: true,
      complete: 'paths',
    },
  ],
  options: [
    {
      flags: '-m, --models <names>',
      summary: 'models by name or folder, and bm25, hybrid, hybrid:<model>, semantic:<model>, with commas between',
      parse: listFlag,
      fallback: 'starter',
    },
    {
      flags: '-o, --out <folder>',
      summary: "write MTEB's files here: <model>/<revision>/<task>.json",
      complete: 'paths',
    },
    {
      flags: '--cache <path>',
      summary: 'keep vectors of slow and paid models in this file, so that a run goes on where it stopped',
      complete: 'paths',
    },
    {
      flags: '--seed <n>',
      summary: 'of the draws behind intervals and examples',
      parse: integerFlag(0),
      fallback: '0',
    },
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino eval stsb.test.tsv',
    'vecino eval --models starter,bm25,hybrid scifact/',
    'vecino eval -m starter,./all-MiniLM-L6-v2 tasks/ --out results',
  ],
  interruptible: true,
  async run(input: CommandInput<EvalFlags>) {
    const { words, flags, terminal, json, signal } = input
    const format = tableFormat(flags)
    const [{ readEvaluationTasks }, { evaluateModels }, { isAbort, printStopped }, view] = await Promise.all([
      import('../../core/read-evaluation-tasks.ts'),
      import('../../evaluate-models.ts'),
      import('../interruption.ts'),
      import('../print-evaluations.ts'),
    ])
    const { tasks, skipped } = await readEvaluationTasks(words)
    reportSkipped(skipped, terminal, json)
    if (tasks.length === 0) throw new InvalidArgumentError('tasks', 'at least one task', 'none')
    const progress = view.evaluationProgress(terminal, json)
    try {
      const results = await evaluateModels(tasks, {
        models: flags.models ?? ['starter'],
        cache: flags.cache,
        seed: flags.seed,
        signal,
        ...progress.options,
      })
      progress.end()
      if (flags.out !== undefined) await view.writeResults(flags.out, results)
      view.printEvaluations(results, terminal, format)
    } catch (error) {
      progress.end()
      if (!isAbort(error, signal)) throw error
      const kept = flags.cache === undefined ? 'nothing was kept' : 'vectors are kept in the cache'
      printStopped(kept, 'Run the same command again.', terminal, json)
      return exitStatus.interrupted
    }
    return undefined
  },
})

function reportSkipped(
  skipped: ReadTasks['skipped'],
  terminal: CommandInput<EvalFlags>['terminal'],
  json: boolean,
): void {
  for (const { path, reason } of skipped)
    if (json) terminal.err(`${JSON.stringify({ event: 'skipped', path, reason })}\n`)
    else terminal.note(`${path}: no task (${reason})`)
}
