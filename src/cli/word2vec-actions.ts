import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { analogyAccuracy, parseAnalogies } from '../evaluate/analogies.ts'
import { wordRelation } from '../evaluate/word-relation.ts'
import { parseWordPairs, wordSimilarity } from '../evaluate/word-similarity.ts'
import type { SimilarWord, WordVectors } from '../kernels/word-vectors.ts'
import { trainWords } from '../models/train-words.ts'
import { readWordVectors, writeWordVectors } from '../models/word-vectors.ts'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import type { Word2vecFlags } from './commands/word2vec.ts'
import { exitStatus } from './exit-codes.ts'
import { isAbort, printStopped } from './interruption.ts'
import { printJson } from './print-json.ts'
import { progressView } from './progress.ts'
import { safeLine } from './sanitize.ts'
import { printTable } from './table.ts'
import { tableFormat } from './table-format.ts'
import type { Terminal } from './terminal.ts'

interface Output {
  readonly flags: Word2vecFlags
  readonly terminal: Terminal
  readonly json: boolean
  readonly signal: AbortSignal
}

export async function train(corpus: string, words: readonly string[], { flags, terminal, json, signal }: Output) {
  refuseWords(words, 0, 'train')
  const { out, algorithm, dimensions, window, minCount, epochs, negative, keepCase, seed } = flags
  if (out === undefined) throw new InvalidArgumentError('--out', 'a path to write the vectors to', undefined)
  const progress = progressView(terminal, json)
  const given = { algorithm, dimensions, window, minCount, epochs, negative, seed }
  try {
    const { vectors, sentences, tokens, tokensAWord, tooLittle } = await trainWords(corpus, {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ...{ lowerCase: keepCase !== true, signal },
      onProgress: ({ tokens: done, totalTokens: total }) =>
        progress.show({ phase: 'train', done, total, unit: 'words', perSecond: undefined, etaMs: undefined }),
    })
    await writeWordVectors(out, vectors, { format: extname(out) === '.bin' ? 'binary' : 'text' })
    progress.end()
    const facts = {
      out,
      sentences,
      tokens,
      vocabulary: vectors.words.length,
      dimensions: vectors.vectors.columns,
      tokensAWord,
    }
    if (json) printJson({ ...facts, tooLittle: tooLittle ?? null }, terminal)
    else {
      terminal.out(`${safeLine(out)}\n`)
      terminal.note(
        `${facts.vocabulary.toLocaleString('en')} words × ${facts.dimensions}, from ${tokens.toLocaleString('en')} words in ${sentences.toLocaleString('en')} lines.`,
      )
      if (tooLittle !== undefined) terminal.note(tooLittle)
    }
    return undefined
  } catch (error) {
    progress.end()
    if (!isAbort(error, signal)) throw error
    printStopped('nothing was written', 'Run the same command again to start over.', terminal, json)
    return exitStatus.interrupted
  }
}

export async function mostSimilar(file: string, words: readonly string[], { flags, terminal }: Output) {
  const { not: negative = [], topK = 10 } = flags
  if (words.length + negative.length === 0) throw new InvalidArgumentError('words', 'at least one word', 'none')
  const vectors = await readWordVectors(file)
  printWords(askFor(vectors, words, negative, topK), flags, terminal)
  if (tableFormat(flags) === 'table')
    terminal.note(
      'A word has one vector whatever its sense: the neighbours of "bank" mix rivers and money. To compare senses: vecino context.',
    )
  return undefined
}

export async function analogy(file: string, words: readonly string[], { flags, terminal }: Output) {
  refuseWords(words, 3, 'analogy')
  const [a, b, c] = words as [string, string, string]
  const vectors = await readWordVectors(file)
  printWords(askFor(vectors, [b, c], [a], flags.topK ?? 10), flags, terminal)
  if (tableFormat(flags) === 'table')
    terminal.note(`${safeLine(a)} is to ${safeLine(b)} as ${safeLine(c)} is to …; the three themselves are left out.`)
  return undefined
}

export async function relation(file: string, words: readonly string[], { terminal, json }: Output) {
  refuseWords(words, 4, 'relation')
  const [a, b, c, d] = words as [string, string, string, string]
  const vectors = await readWordVectors(file)
  const found = wordRelation(vectors, [a, b], [c, d])
  if (json) printJson({ first: [a, b], second: [c, d], ...found }, terminal)
  else {
    terminal.out(
      `${safeLine(b)} − ${safeLine(a)} and ${safeLine(d)} − ${safeLine(c)}: cosine ${found.cosine.toFixed(3)}, more parallel than ${found.percentile} % of random differences\n`,
    )
    terminal.out(
      found.holds
        ? 'The relation is the same.\n'
        : `No sign of the same relation: 95 % of random differences stay under ${found.usual.toFixed(3)}, and this one does too.\n`,
    )
  }
  return undefined
}

export async function evaluate(file: string, words: readonly string[], { flags, terminal, json }: Output) {
  refuseWords(words, 0, 'evaluate')
  const { analogies, pairs = [] } = flags
  if (analogies === undefined && pairs.length === 0)
    throw new InvalidArgumentError('evaluate', '--analogies <path> or --pairs <path>', 'neither')
  const vectors = await readWordVectors(file)
  const accuracy =
    analogies === undefined ? undefined : await analogyAccuracy(vectors, parseAnalogies(await textOf(analogies)))
  const similarities: { set: string; correlation: number; asked: number; skipped: number }[] = []
  for (const path of pairs)
    similarities.push({ set: path, ...wordSimilarity(vectors, parseWordPairs(await textOf(path))) })
  if (json) {
    printJson({ words: vectors.words.length, analogies: accuracy ?? null, pairs: similarities }, terminal)
    return undefined
  }
  const rows = [
    ...(accuracy === undefined
      ? []
      : [
          ...accuracy.sections.map(({ section, correct, asked }) => ({
            set: section,
            measure: 'accuracy',
            value: correct / asked,
            asked,
            skipped: undefined,
          })),
          {
            set: 'all analogies',
            measure: 'accuracy',
            value: accuracy.accuracy,
            asked: accuracy.asked,
            skipped: accuracy.skipped,
          },
        ]),
    ...similarities.map(({ set, correlation, asked, skipped }) => ({
      set,
      measure: 'Spearman',
      value: correlation,
      asked,
      skipped,
    })),
  ]
  printTable(
    [
      { name: 'set', value: (row) => row.set },
      { name: 'measure', value: (row) => row.measure },
      { name: 'value', value: (row) => (Number.isNaN(row.value) ? undefined : row.value), digits: 3 },
      { name: 'asked', value: (row) => row.asked },
      { name: 'unknown words', value: (row) => row.skipped },
    ],
    rows,
    terminal,
    tableFormat(flags),
  )
  return undefined
}

/** An unknown word is looked for in lower case too, as `train` learns words by default. */
function askFor(
  vectors: WordVectors,
  positive: readonly string[],
  negative: readonly string[],
  topK: number,
): SimilarWord[] {
  const spelt = (word: string) => (vectors.has(word) || !vectors.has(word.toLowerCase()) ? word : word.toLowerCase())
  return vectors.mostSimilar({ positive: positive.map(spelt), negative: negative.map(spelt), topK })
}

function printWords(words: readonly SimilarWord[], flags: Word2vecFlags, terminal: Terminal): void {
  printTable(
    [
      { name: 'word', value: (row: SimilarWord) => row.word },
      { name: 'score', value: (row: SimilarWord) => row.score, digits: 3 },
    ],
    words,
    terminal,
    tableFormat(flags),
  )
}

function refuseWords(words: readonly string[], wanted: number, action: string): void {
  if (words.length !== wanted)
    throw new InvalidArgumentError(
      'words',
      `${wanted === 0 ? 'no words' : `${wanted} words`} for ${action}`,
      `${words.length}`,
    )
}

/** A text file, unpacked where its name ends in .gz. */
async function textOf(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError('file', path)
    throw cause
  }
}
