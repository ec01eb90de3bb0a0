import { InvalidVectorError } from '../spec/errors.ts'
import { type Matrix, rowOf } from '../spec/matrix.ts'
import { assertSamePassport, type Passport } from '../spec/passport.ts'

/** How far a row's length may be from 1 where the passport promises unit length: float16 weights and hosted rounding stay within. */
const unitTolerance = 1e-3

/**
 * The one door for vectors, whoever made them. Nothing passes that is not one finite, non-zero row of the passport's
 * length for each text, in the number asked; unit rows where the passport promises them; and not one vector for all of
 * several unlike texts, which is what a broken model or a proxy's canned answer gives.
 *
 * Which of two rows belongs to which text cannot be seen here: the order is the model's promise.
 *
 * @param texts - What was asked, in order; read only to name the row and to tell like from unlike texts.
 * @throws {InvalidVectorError} naming the first row that may not pass.
 * @throws {PassportMismatchError} when the vectors carry another passport than the model's.
 *
 * Cost: one pass over the values.
 */
export function assertVectors(vectors: Matrix, texts: readonly string[], passport: Passport): void {
  const who = `${passport.provider}/${passport.model}`
  if (vectors.passport !== undefined) assertSamePassport(passport, vectors.passport, `vectors of ${who}`)
  if (vectors.rows !== texts.length)
    throw new InvalidVectorError(`answer of ${who}`, `${texts.length} vectors, one a text`, `${vectors.rows}`, {
      remedy: 'Nothing of this call was kept. Try again; if it stays, the model or the server before it is broken.',
    })
  if (vectors.columns !== passport.dimensions)
    throw new InvalidVectorError(`answer of ${who}`, `${passport.dimensions} dimensions`, `${vectors.columns}`, {
      remedy: 'The model behind this name has changed: add the texts to a new collection.',
    })
  for (let row = 0; row < vectors.rows; row++) assertRow(rowOf(vectors, row), row, passport, who)
  if (vectors.rows > 1 && allRowsEqual(vectors) && !alike(texts))
    throw new InvalidVectorError(
      `answer of ${who}`,
      'unlike vectors for unlike texts',
      `one vector ${vectors.rows} times`,
      {
        row: 0,
        remedy: 'The model or the server before it answers everything alike; do not use it.',
      },
    )
}

function assertRow(values: Float32Array, row: number, passport: Passport, who: string): void {
  let squared = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    squared += value * value
  }
  // A float32's square is finite in doubles, so the sum is finite exactly when every value is.
  if (squared - squared !== 0)
    throw new InvalidVectorError(`row ${row} of ${who}`, 'finite float32 values', 'NaN or an infinity', { row })
  if (squared === 0) throw new InvalidVectorError(`row ${row} of ${who}`, 'a vector with a direction', 'zeros', { row })
  const length = Math.sqrt(squared)
  if (passport.normalized && Math.abs(length - 1) > unitTolerance)
    throw new InvalidVectorError(`row ${row} of ${who}`, 'unit length', `length ${length.toPrecision(4)}`, { row })
}

function allRowsEqual(vectors: Matrix): boolean {
  const { data, columns } = vectors
  for (let i = columns; i < data.length; i++) if (data[i] !== data[i - columns]) return false
  return true
}

/**
 * Whether one vector for all these texts can be right: it can when they share a word, since many models see neither
 * case nor order nor repetition nor unknown signs. Texts without any word are given the benefit of the doubt.
 */
function alike(texts: readonly string[]): boolean {
  const first = wordsOf(texts[0] as string)
  return texts.every((text) => {
    const words = wordsOf(text)
    return first.size === 0 || words.size === 0 || [...words].some((word) => first.has(word))
  })
}

function wordsOf(text: string): Set<string> {
  return new Set(
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [],
  )
}
