import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import {
  type CollectionFlag,
  choiceFlag,
  collectionOption,
  type FilterFlags,
  filterOf,
  filterOptions,
  integerFlag,
  modelOption,
  rateFlag,
  type UnitFlag,
  unitOption,
} from '../flags.ts'
import { type FormatFlags, formatOption, tableFormat } from '../table-format.ts'

export interface ClassifyFlags extends CollectionFlag, FilterFlags, FormatFlags, JsonFlag, UnitFlag {
  readonly model?: string
  readonly text?: string
  readonly label?: string
  readonly field?: string
  readonly method?: 'logistic' | 'centroid' | 'knn' | 'zero-shot'
  readonly sureAccuracy?: number
  readonly seed?: number
  readonly file?: string
  readonly out?: string
}

const actions = ['train', 'predict', 'evaluate'] as const
const methods = ['logistic', 'centroid', 'knn', 'zero-shot']

export const command = defineCommand<ClassifyFlags>({
  name: 'classify',
  summary: 'put texts into classes learnt from few examples, or say unsure',
  arguments: [
    { name: 'action', summary: 'train, predict or evaluate', required: true, complete: actions },
    {
      name: 'inputs',
      summary:
        'train: a file of texts and labels; predict: a classifier, then texts; evaluate: a classifier, then a file',
      required: false,
      variadic: true,
      complete: 'paths',
    },
  ],
  options: [
    { flags: '--text <field>', summary: 'column or field that holds the text', fallback: 'text' },
    { flags: '--label <field>', summary: 'column or field that holds the label', fallback: 'label' },
    { flags: '--field <name>', summary: 'learn from, or judge by, this metadata field of the collection' },
    {
      flags: '--method <method>',
      summary: 'logistic regression, class centroid, nearest neighbours, or zero-shot: the texts describe the classes',
      parse: choiceFlag(methods),
      fallback: 'logistic',
      complete: methods,
    },
    {
      flags: '--sure-accuracy <share>',
      summary: 'share of the sure answers that shall be right; the others are unsure',
      parse: rateFlag(1),
      fallback: '0.9',
    },
    { flags: '--seed <n>', summary: 'decides what is held out', parse: integerFlag(0), fallback: '0' },
    { flags: '-f, --file <path>', summary: 'predict: the lines of this file (- is standard input)', complete: 'paths' },
    unitOption('of the collection: whole sources, or passages'),
    ...filterOptions,
    { flags: '-o, --out <path>', summary: 'train: where the classifier goes (JSON)', complete: 'paths' },
    collectionOption,
    modelOption,
    formatOption,
    jsonOption,
  ],
  examples: [
    'vecino classify train tickets.csv --text message --label team --out teams.json',
    'vecino classify predict teams.json "My card was charged twice"',
    'vecino classify evaluate teams.json held-out.jsonl --json',
    'vecino classify train topics.csv --method zero-shot --out topics.json',
    'vecino classify train --field topic --out topics.json && vecino classify predict topics.json',
  ],
  async run({ words, flags, terminal, signal }: CommandInput<ClassifyFlags>) {
    const [action = '', ...inputs] = words
    const format = tableFormat(flags)
    const { runTrain, runPredict, runEvaluate } = await import('../run-classify.ts')
    const input = { inputs, flags, format, filter: filterOf(flags), terminal, signal }
    if (action === 'train') return runTrain(input)
    if (action === 'predict') return runPredict(input)
    if (action === 'evaluate') return runEvaluate(input)
    throw new InvalidArgumentError('action', actions.join(', '), action)
  },
})
