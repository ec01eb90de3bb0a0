import { existsSync } from 'node:fs'
import { InvalidArgumentError, NotFoundError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'
import { choiceFlag, integerFlag } from '../flags.ts'

interface DistillFlags extends JsonFlag {
  readonly out?: string
  readonly dimensions?: number
  readonly words?: string
  readonly dtype?: 'float32' | 'int8'
  readonly threads?: number
}

export const command = defineCommand<DistillFlags>({
  name: 'distill',
  summary: 'turn a transformer into a small, fast static model',
  arguments: [
    {
      name: 'teacher',
      summary: 'folder of a sentence-transformers model in ONNX',
      required: true,
      complete: 'paths',
    },
  ],
  options: [
    { flags: '-o, --out <folder>', summary: 'where the new model is written (required)', complete: 'paths' },
    { flags: '--dimensions <n>', summary: 'columns of its vectors', parse: integerFlag(1, 65_536), fallback: '256' },
    {
      flags: '--words <path>',
      summary: 'a file of words that get a vector of their own, one a line',
      complete: 'paths',
    },
    {
      flags: '--dtype <dtype>',
      summary: "which of the teacher's graphs to run",
      parse: choiceFlag(['float32', 'int8']),
      fallback: 'float32',
      complete: ['float32', 'int8'],
    },
    { flags: '--threads <n>', summary: 'threads for the teacher', parse: integerFlag(1, 1024), fallback: 'all cores' },
    jsonOption,
  ],
  examples: [
    'vecino distill ./all-MiniLM-L6-v2 --out ./my-model',
    'vecino distill ./all-MiniLM-L6-v2 --out ./my-model --words terms.txt --dimensions 128',
  ],
  interruptible: true,
  async run({ words, flags, terminal, json, signal }: CommandInput<DistillFlags>) {
    const [teacher = ''] = words
    const { out, dimensions, dtype, threads } = flags
    if (out === undefined)
      throw new InvalidArgumentError('--out', 'the folder of the new model', 'nothing', 'Try: --out ./my-model')
    const [
      { distill },
      { isAbort, printStopped },
      { progressView, count, duration },
      { rateOf },
      { linesOf },
      { printJson },
    ] = await Promise.all([
      import('../../models/distill.ts'),
      import('../interruption.ts'),
      import('../progress.ts'),
      import('../rate.ts'),
      import('../standard-input.ts'),
      import('../print-json.ts'),
    ])
    if (!existsSync(teacher))
      throw new NotFoundError('teacher', teacher, 'Name the folder of a sentence-transformers model in ONNX.')
    const vocabulary = flags.words === undefined ? undefined : await linesOf(flags.words, terminal)
    const view = progressView(terminal, json)
    const startedAt = performance.now()
    const rate = rateOf(() => performance.now())
    try {
      const model = await distill(teacher, {
        output: out,
        dimensions,
        vocabulary,
        dtype,
        threads,
        signal,
        onProgress: (done, total) => view.show({ phase: 'distill', done, total, unit: 'tokens', ...rate(done, total) }),
      })
      view.end()
      const elapsedMs = Math.round(performance.now() - startedAt)
      if (json) printJson({ out, ...model, elapsedMs }, terminal)
      else {
        terminal.out(`${out}: ${count(model.tokens)} tokens × ${model.dimensions} dimensions; ${duration(elapsedMs)}\n`)
        terminal.err(`next: vecino add ./docs --model ${out}\n`)
      }
      return undefined
    } catch (error) {
      view.end()
      if (!isAbort(error, signal)) throw error
      printStopped('no model was written', 'Run the same command again to start over.', terminal, json)
      return exitStatus.interrupted
    }
  },
})
