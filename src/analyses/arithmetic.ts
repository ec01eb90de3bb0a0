import { createIndex } from '../kernels/exact-index.ts'
import { dot } from '../kernels/metric.ts'
import { createRandom } from '../kernels/random.ts'
import { InvalidArgumentError, InvalidVectorError } from '../spec/errors.ts'
import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'

export interface ArithmeticOptions {
  /** +1 or −1 for each term. */
  readonly signs: readonly number[]
  /** Rows of the candidates that are terms: never an answer. */
  readonly excluded: readonly number[]
  /** Answers wanted, integer ≥ 1. @default 5 */
  readonly topK?: number | undefined
  /** Of the random sums it is compared with. @default 0 */
  readonly seed?: number | undefined
}

export interface Landing {
  /** Nearest candidates, best first. */
  readonly nearest: readonly { readonly row: number; readonly cosine: number }[]
  /** Percent of 200 sums of random candidates, with the same signs, whose nearest candidate is less near. */
  readonly percentile: number
  /** Nearer to a candidate than 95 % of random sums are: it landed on something. */
  readonly landed: boolean
  /** The term that the result is nearest to, and how near: more than to any candidate when the sum hardly moved. */
  readonly nearestTerm: { readonly term: number; readonly cosine: number }
}

const randomSums = 200
const landedFrom = 95

/**
 * Add and subtract vectors, and say whether the result is near anything: any sum has a nearest neighbour, so that alone
 * means nothing.
 *
 * @param terms - One row each, of unit length.
 * @param candidates - Rows of unit length to choose the answer among; at least four more than terms.
 * @throws {InvalidVectorError} when the terms cancel each other out.
 *
 * Cost: an exact search for some 200 queries. Source: Mikolov et al. 2013 (3CosAdd).
 */
export async function arithmetic(terms: Matrix, candidates: Matrix, options: ArithmeticOptions): Promise<Landing> {
  const { signs, excluded, topK = 5, seed = 0 } = options
  if (signs.length !== terms.rows) throw new InvalidArgumentError('options.signs', `${terms.rows} signs`, signs.length)
  if (!Number.isSafeInteger(topK) || topK < 1) throw new InvalidArgumentError('options.topK', 'an integer ≥ 1', topK)
  if (candidates.rows < terms.rows + 4)
    throw new InvalidArgumentError('candidates', `at least ${terms.rows + 4} to choose among`, candidates.rows)
  const random = createRandom(seed)
  const drawn = Array.from({ length: randomSums }, () => random.sample(candidates.rows, terms.rows))
  const queries = createMatrix(1 + randomSums, terms.columns)
  queries.data.set(
    sumOf(
      terms,
      signs,
      Array.from(signs, (_, i) => i),
    ),
  )
  drawn.forEach((rows, i) => {
    queries.data.set(sumOf(candidates, signs, Array.from(rows)), (i + 1) * terms.columns)
  })
  const result = rowOf(queries, 0)
  const length = Math.sqrt(dot(result, 0, result, 0, terms.columns))
  if (length < 1e-6)
    throw new InvalidVectorError('sum of the terms', 'a vector other than zero', 'terms that cancel each other out')
  const index = await createIndex(candidates, { metric: 'cosine' })
  try {
    const wanted = Math.min(candidates.rows, topK + terms.rows)
    const { ids, scores } = await index.search(queries, { topK: wanted })
    const answers = (query: number, inputs: readonly number[]) =>
      Array.from({ length: wanted }, (_, rank) => ({
        row: ids[query * wanted + rank] as number,
        cosine: scores[query * wanted + rank] as number,
      })).filter(({ row }) => !inputs.includes(row))
    const nearest = answers(0, excluded).slice(0, topK)
    const best = nearest[0]?.cosine ?? -1
    const beaten = drawn.filter((rows, i) => (answers(i + 1, Array.from(rows))[0]?.cosine ?? -1) < best).length
    const percentile = Math.floor((100 * beaten) / (randomSums + 1))
    const toTerms = Array.from(signs, (_, i) => dot(terms.data, i * terms.columns, result, 0, terms.columns) / length)
    const term = toTerms.indexOf(Math.max(...toTerms))
    return {
      nearest,
      percentile,
      landed: percentile >= landedFrom,
      nearestTerm: { term, cosine: toTerms[term] as number },
    }
  } finally {
    index.close()
  }
}

function sumOf({ data, columns }: Matrix, signs: readonly number[], rows: readonly number[]): Float32Array {
  const sum = new Float64Array(columns)
  for (const [i, row] of rows.entries())
    for (let j = 0; j < columns; j++)
      sum[j] = (sum[j] as number) + (signs[i] as number) * (data[row * columns + j] as number)
  return Float32Array.from(sum)
}
