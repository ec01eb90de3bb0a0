import { readFile } from 'node:fs/promises'
import { evaluateClassifier } from '../analyses/classify/evaluate.ts'
import { classify } from '../analyses/classify/predict.ts'
import { classifierFromJson, classifierToJson } from '../analyses/classify/saved.ts'
import { type Classifier, trainClassifier, zeroShotClassifier } from '../analyses/classify/train.ts'
import { labelledItems, readLabelled } from '../core/labelled.ts'
import { embed } from '../embed.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import type { Filter } from '../spec/filter.ts'
import type { Matrix } from '../spec/matrix.ts'
import { flagOf } from './command.ts'
import type { ClassifyFlags } from './commands/classify.ts'
import { withCollection } from './open-collection.ts'
import { printPredictions, printReport, printTrained } from './print-classified.ts'
import { linesOf } from './standard-input.ts'
import type { TableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'
import { writeWhole } from './write-file.ts'

interface ClassifyInput {
  readonly inputs: readonly string[]
  readonly flags: ClassifyFlags
  readonly format: TableFormat
  readonly filter: Filter | undefined
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

export async function runTrain(input: ClassifyInput): Promise<undefined> {
  const { inputs, flags, terminal, signal, format } = input
  refuse(flags, ['file'], 'train')
  const { out, method = 'logistic', sureAccuracy, seed } = flags
  if (out === undefined) throw new InvalidArgumentError('--out', 'a path for the classifier', undefined)
  if (method === 'zero-shot') refuse(flags, ['sureAccuracy', 'seed'], 'zero-shot, which learns nothing')
  const { vectors, labels } = await labelledOf(input, inputs)
  const classifier =
    method === 'zero-shot'
      ? zeroShotClassifier(vectors, labels)
      : await trainClassifier(vectors, labels, { method, sureAccuracy, seed, signal })
  await writeWhole(out, `${classifierToJson(classifier)}\n`)
  printTrained(classifier, { items: labels.length, out }, terminal, format)
  return undefined
}

export async function runPredict(input: ClassifyInput): Promise<undefined> {
  const { inputs, flags, terminal, signal, format, filter } = input
  refuse(flags, ['text', 'label', 'field', 'method', 'sureAccuracy', 'seed', 'out'], 'predict')
  const [path, ...texts] = inputs
  const classifier = await readClassifier(path)
  if (texts.length > 0 && flags.file !== undefined)
    throw new InvalidArgumentError('--file', 'no texts beside it', `${texts.length} texts`, 'Give one or the other.')
  if (texts.length > 0 || flags.file !== undefined) {
    refuse(flags, ['by', 'where', 'filter', 'collection'], 'texts of your own')
    const list = texts.length > 0 ? texts : await linesOf(flags.file as string, terminal)
    const vectors = await embed(list, { model: flags.model, signal })
    printPredictions(list, classify(classifier, vectors), terminal, format)
    return undefined
  }
  const { ids, vectors } = await withCollection(flags, (collection) =>
    collection.items({ by: flags.by, filter, signal }),
  )
  printPredictions(ids, classify(classifier, vectors), terminal, format)
  return undefined
}

export async function runEvaluate(input: ClassifyInput): Promise<undefined> {
  const { inputs, flags, terminal, format } = input
  refuse(flags, ['file', 'method', 'sureAccuracy', 'out'], 'evaluate')
  const [path, ...rest] = inputs
  const classifier = await readClassifier(path)
  const { vectors, labels } = await labelledOf(input, rest)
  printReport(evaluateClassifier(classifier, vectors, labels, { seed: flags.seed }), terminal, format)
  return undefined
}

async function readClassifier(path: string | undefined): Promise<Classifier> {
  if (path === undefined)
    throw new InvalidArgumentError('inputs', 'a classifier first', 'nothing', 'Make one: vecino classify train')
  return classifierFromJson(await readFile(path, 'utf8'), path)
}

async function labelledOf(
  { flags, filter, signal }: ClassifyInput,
  inputs: readonly string[],
): Promise<{ readonly vectors: Matrix; readonly labels: readonly string[] }> {
  const { field, text = 'text', label = 'label', model, by } = flags
  const [file, ...more] = inputs
  if (file === undefined && field === undefined)
    throw new InvalidArgumentError('inputs', 'a file of texts and labels, or --field', 'neither')
  if (more.length > 0) throw new InvalidArgumentError('inputs', 'one file', `${more.length + 1} of them`)
  if (file !== undefined) {
    refuse(flags, ['field', 'by', 'where', 'filter', 'collection'], 'a file')
    const { texts, labels } = await readLabelled(file, text, label)
    return { vectors: await embed(texts, { model, signal }), labels }
  }
  refuse(flags, ['text', 'label'], '--field')
  const all = await withCollection(flags, (collection) => collection.items({ by, filter, signal }))
  const { items, labels } = labelledItems(all, field as string)
  return { vectors: items.vectors, labels }
}

/** Flags that this use would ignore. */
function refuse(flags: ClassifyFlags, names: readonly (keyof ClassifyFlags)[], use: string): void {
  for (const name of names)
    if (flags[name] !== undefined)
      throw new InvalidArgumentError(flagOf(name), `none with ${use}`, 'one', 'Leave it out.')
}
