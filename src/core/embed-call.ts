import { InvalidVectorError, VecinoError } from '../spec/errors.ts'
import { createMatrix, type Matrix } from '../spec/matrix.ts'
import type { Embeddings } from '../spec/model.ts'
import type { EmbedManyOptions } from './embed-many.ts'
import { assertVectors } from './gate.ts'

export interface AnsweredCall {
  readonly rows: readonly number[]
  readonly vectors: Matrix
  readonly tokens: number
  /** Of a text that is not to be skipped, once the rest is answered. */
  readonly refusal: InvalidVectorError | undefined
}

/**
 * One call of the model. A text it refuses to embed is left out and the rest asked again, so that one bad text costs only
 * itself.
 *
 * @param asked - Indices into `texts`, one call's worth.
 * @param without - Gets the indices of the texts that are skipped.
 */
export async function embedCall(
  asked: readonly number[],
  texts: readonly string[],
  options: EmbedManyOptions,
  without: Set<number>,
): Promise<AnsweredCall> {
  const { model, task, signal, meter } = options
  const rows = [...asked]
  let refusal: InvalidVectorError | undefined
  while (rows.length > 0) {
    const inputs = rows.map((index) => texts[index] as string)
    let answer: Embeddings
    try {
      answer = await model.embed(inputs, { task, signal, meter })
    } catch (error) {
      const refused = refusedRow(error, rows.length)
      // A budget that ends while the rest is asked must not hide the text at fault.
      if (refused === undefined) throw refusal ?? error
      const [index] = rows.splice(refused, 1) as [number]
      if (options.onNoVector === 'skip') without.add(index)
      else refusal ??= refusalOf(error, index)
      continue
    }
    // Outside the catch: a row that the gate refuses means a broken model, not a text without a vector.
    assertVectors(answer.vectors, inputs, model.passport)
    return { rows, vectors: answer.vectors, tokens: answer.usage.tokens, refusal }
  }
  return { rows, vectors: createMatrix(0, model.passport.dimensions), tokens: 0, refusal }
}

/** A hosted model names what its server had against the text; a local one knows no token of it. */
function refusalOf(error: unknown, index: number): InvalidVectorError {
  const reason = VecinoError.isInstance(error) ? error.cause : undefined
  const isHosted = VecinoError.isInstance(reason) && reason.code === 'provider'
  return new InvalidVectorError(
    `texts[${index}]`,
    isHosted ? 'a text the model takes' : 'a text with a token the model knows',
    isHosted ? `a refusal (${reason.message})` : 'none',
    { row: index, remedy: 'Leave it out; it can be found by words only.', cause: error },
  )
}

function refusedRow(error: unknown, rows: number): number | undefined {
  const row = VecinoError.isInstance(error) && error.code === 'invalid-vector' && 'row' in error ? error.row : undefined
  return typeof row === 'number' && row >= 0 && row < rows ? row : undefined
}
