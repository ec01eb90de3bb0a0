import { arithmetic as land } from './analyses/arithmetic.ts'
import { embedMany } from './core/embed-many.ts'
import { assertKnownOptions, integerOption } from './core/options.ts'
import type { WordVectors } from './kernels/word-vectors.ts'
import { wholeWords } from './models/whole-words.ts'
import { namedModel } from './registry.ts'
import { InvalidArgumentError } from './spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from './spec/matrix.ts'

export interface ArithmeticResult {
  readonly terms: readonly { readonly text: string; readonly sign: 1 | -1 }[]
  /** Best first; the terms themselves are not among them. */
  readonly nearest: readonly { readonly text: string; readonly cosine: number }[]
  /** Percent of 200 random sums of the same form whose nearest answer is less near. */
  readonly percentile: number
  /** Nearer to an answer than 95 % of random sums are. Any sum has a nearest answer; this says whether it means something. */
  readonly landed: boolean
  /** The term the sum is nearest to; nearer than to any answer when the arithmetic hardly moved it. */
  readonly nearestTerm: { readonly text: string; readonly cosine: number }
  /** Words that could have been the answer. */
  readonly candidates: number
}

export interface ArithmeticSumOptions {
  /** A local model by name or folder. @default 'starter' */
  readonly model?: string | undefined
  /** Word vectors to calculate with, instead of a model; terms must be words of theirs. */
  readonly vectors?: WordVectors | undefined
  /** Texts to choose the answer among. @default the words that the model's tokenizer knows whole, or all of `vectors` */
  readonly among?: readonly string[] | undefined
  /** Answers wanted, integer in [1, 100]. @default 5 */
  readonly topK?: number | undefined
}

/**
 * Calculate with meanings: `king - man + woman`. Terms are words or, in quotes, longer texts; signs stand between spaces.
 *
 * @throws {InvalidArgumentError} for an expression that is no sum of at least two terms.
 * @throws {NotFoundError} for a term that `vectors` don't have.
 *
 * Cost: every word of the model embedded once (a static model does 22,000 in a fraction of a second).
 */
export async function arithmetic(expression: string, options: ArithmeticSumOptions = {}): Promise<ArithmeticResult> {
  assertKnownOptions(options, ['model', 'vectors', 'among', 'topK'], 'arithmetic')
  const topK = integerOption('topK', options.topK, 1, 100, 5)
  if (options.vectors !== undefined && (options.model !== undefined || options.among !== undefined))
    throw new InvalidArgumentError(
      'options.vectors',
      'no model and no texts to choose among beside it',
      options.model ?? 'among',
    )
  const terms = parseSum(expression)
  const { vectors, texts, candidates } = await spaceOf(
    terms.map(({ text }) => text),
    options,
  )
  const asked = new Set(terms.map(({ text }) => text.toLowerCase()))
  const excluded = texts.flatMap((text, row) => (asked.has(text.toLowerCase()) ? [row] : []))
  const landing = await land(vectors, candidates, { signs: terms.map(({ sign }) => sign), excluded, topK })
  const { term, cosine } = landing.nearestTerm
  return {
    terms,
    nearest: landing.nearest.map(({ row, cosine }) => ({ text: texts[row] as string, cosine })),
    percentile: landing.percentile,
    landed: landing.landed,
    nearestTerm: { text: terms[term]?.text as string, cosine },
    candidates: texts.length,
  }
}

/** `king - man + "royal palace"` as terms with signs. */
export function parseSum(expression: string): { readonly text: string; readonly sign: 1 | -1 }[] {
  const [first = '', ...rest] = expression.trim().split(/\s+([+−–-])\s+/u)
  const terms = [{ text: unquoted(first), sign: 1 as 1 | -1 }]
  for (let i = 0; i < rest.length; i += 2)
    terms.push({ text: unquoted(rest[i + 1] as string), sign: rest[i] === '+' ? 1 : -1 })
  if (terms.length < 2 || terms.some(({ text }) => text === ''))
    throw new InvalidArgumentError(
      'expression',
      'two or more terms with + or - between spaces, such as "king - man + woman"',
      expression,
    )
  return terms
}

function unquoted(text: string): string {
  return text
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .trim()
}

interface Space {
  readonly vectors: Matrix
  readonly texts: readonly string[]
  readonly candidates: Matrix
}

async function spaceOf(
  terms: readonly string[],
  { model = 'starter', vectors, among }: ArithmeticSumOptions,
): Promise<Space> {
  if (vectors !== undefined) {
    const own = createMatrix(terms.length, vectors.vectors.columns)
    for (const [i, term] of terms.entries()) own.data.set(vectors.vector(term), i * own.columns)
    const kept = vectors.words
      .map((_, row) => row)
      .filter((row) => rowOf(vectors.vectors, row).some((value) => value !== 0))
    return {
      vectors: unitLength(own),
      texts: kept.map((row) => vectors.words[row] as string),
      candidates: unitLength(rowsOf(vectors.vectors, kept)),
    }
  }
  const texts = [...new Set(among ?? (await wholeWords(model)))]
  const loaded = await namedModel(model)
  try {
    const embedded = await embedMany([...terms], { model: loaded, task: 'similarity' })
    const { vectors: all, without } = await embedMany(texts, { model: loaded, task: 'similarity', onNoVector: 'skip' })
    const skipped = new Set(without)
    const kept = texts.map((_, row) => row).filter((row) => !skipped.has(row))
    return {
      vectors: unitLength(embedded.vectors),
      texts: kept.map((row) => texts[row] as string),
      candidates: unitLength(rowsOf(all, kept)),
    }
  } finally {
    await loaded.close?.()
  }
}

function rowsOf(matrix: Matrix, rows: readonly number[]): Matrix {
  const chosen = createMatrix(rows.length, matrix.columns)
  for (const [i, row] of rows.entries()) chosen.data.set(rowOf(matrix, row), i * matrix.columns)
  return chosen
}

function unitLength(matrix: Matrix): Matrix {
  const unit = createMatrix(matrix.rows, matrix.columns, matrix.data.slice())
  for (let i = 0; i < unit.rows; i++) {
    const row = rowOf(unit, i)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (length > 0) for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) / length
  }
  return unit
}
