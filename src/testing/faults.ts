import { plantedVector } from './planted-vectors.ts'
import type { WireAnswer, WireQuestion } from './wire-contracts.ts'

/** What goes wrong with one request. */
export type Fault =
  /** A refusal; `headers` such as `retry-after` as they are sent; `message` and `code` in the body. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly message?: string
      readonly code?: string
    }
  /** The connection is cut before an answer. */
  | { readonly kind: 'reset' }
  /** The answer's first half, then nothing, for ever. */
  | { readonly kind: 'stall' }
  /** A byte every `everyMs`. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** The answer's first half as if it were all. */
  | { readonly kind: 'truncated-json' }
  /** A web page with status 200. */
  | { readonly kind: 'html' }
  /** The right answer as `text/plain`. */
  | { readonly kind: 'wrong-type' }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** JSON of so many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: AnswerFault }

/** Faults of an answer that comes whole. */
export type AnswerFault = (typeof answerFaults)[number]

export const answerFaults = [
  /** Right vectors in another order, each with its right index: no fault where there are indices. */
  'shuffled',
  'one-missing',
  'one-more',
  'no-index',
  'same-index',
  'index-out-of-range',
  /** One byte a value where there should be four. */
  'quarter-base64',
  /** Base64 where floats were asked: right. */
  'base64',
  'zeros',
  'all-zeros',
  /** NaN as JSON cannot hold it. */
  'nan',
  /** NaN as JSON writers of some languages write it. */
  'null-values',
  /** 1e39, which is no float32. */
  'overflow',
  'empty-vector',
  'wrong-dimensions',
  /** The same name and dimensions, other vectors. */
  'other-weights',
  'other-model',
  /** Only the first words of each text are read, and counted. */
  'cut',
  /** What another runtime, batch size or number of threads does to the last digits: right. */
  'noise',
  /** Values rounded to half precision: right. */
  'float16',
  /** Rows that are not of unit length: right. */
  'scaled',
  /** The keys of every object the other way round: right. */
  'reordered-keys',
  /** Fields that the contract does not know: right. */
  'extra-fields',
  /** The model's name with a date behind it: right. */
  'dated-model',
] as const

/** Answers that are right though they look otherwise: a client that refuses one cries wolf. */
export const harmlessAnswers = [
  'shuffled',
  'base64',
  'noise',
  'float16',
  'scaled',
  'reordered-keys',
  'extra-fields',
  'dated-model',
] as const satisfies readonly AnswerFault[]

/** Words a cutting server reads. */
const cutWords = 4

/** Make an answer wrong, in place. */
export function spoil(answer: WireAnswer, fault: AnswerFault, question: WireQuestion): void {
  const { vectors } = answer
  const first = vectors[0]
  const last = vectors.at(-1)
  if (first === undefined || last === undefined) return
  switch (fault) {
    case 'shuffled':
      vectors.reverse()
      return
    case 'one-missing':
      vectors.pop()
      return
    case 'one-more':
      vectors.push({ ...last, index: vectors.length })
      return
    case 'no-index':
      for (const vector of vectors) vector.index = undefined
      return
    case 'same-index':
      last.index = 0
      if (vectors.length === 1) vectors.push({ ...last })
      return
    case 'index-out-of-range':
      last.index = vectors.length
      return
    case 'quarter-base64':
      for (const vector of vectors)
        vector.base64 = Buffer.from(Int8Array.from(vector.values, (v) => Math.round((v ?? 0) * 127)))
      return
    case 'base64':
      for (const vector of vectors) vector.base64 = Buffer.from(Float32Array.from(vector.values as number[]).buffer)
      return
    case 'zeros':
      first.values.fill(0)
      return
    case 'all-zeros':
      for (const vector of vectors) vector.values.fill(0)
      return
    case 'nan':
      first.values[0] = Number.NaN
      return
    case 'null-values':
      first.values.fill(null)
      return
    case 'overflow':
      first.values[0] = 1e39
      return
    case 'empty-vector':
      first.values = []
      return
    case 'wrong-dimensions':
      for (const vector of vectors) vector.values = vector.values.slice(0, vector.values.length / 2)
      return
    case 'other-weights':
      for (const [i, vector] of vectors.entries())
        vector.values = plantedVector(question.texts[i] as string, { dimensions: question.dimensions, weights: 1 })
      return
    case 'other-model':
      answer.model = 'another-model'
      return
    case 'noise':
      for (const { values } of vectors)
        for (const [i, value] of values.entries()) values[i] = (value ?? 0) * (1 + 1e-3 * Math.sin(7 * i))
      return
    case 'float16':
      for (const { values } of vectors) for (const [i, value] of values.entries()) values[i] = toHalf(value ?? 0)
      return
    case 'scaled':
      for (const { values } of vectors) for (const [i, value] of values.entries()) values[i] = 3.7 * (value ?? 0)
      return
    case 'dated-model':
      answer.model = `${answer.model}-2026-01-31`
      return
    case 'reordered-keys':
    case 'extra-fields':
      return
    case 'cut':
      answer.tokens = question.texts.length * cutWords
      for (const [i, vector] of vectors.entries()) {
        const start = (question.texts[i] as string).split(' ').slice(0, cutWords).join(' ')
        vector.values = plantedVector(start, { dimensions: question.dimensions })
      }
  }
}

/** The nearest value with the 11 significant bits of half precision. */
function toHalf(value: number): number {
  if (value === 0) return 0
  const step = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10)
  return Math.round(value / step) * step
}

/** The same answer in another dress: keys the other way round, or with fields that no contract knows. */
export function dressed(value: unknown, dress: 'reordered-keys' | 'extra-fields'): unknown {
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map((one) => dressed(one, dress))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]) => [key, dressed(one, dress)] as const)
  return Object.fromEntries(dress === 'reordered-keys' ? entries.reverse() : [['x_trace', { id: 7 }], ...entries])
}

const nanMark = 'not a number, which JSON has no word for'

/** Answers as JSON, with NaN as some writers send it. */
export function toWire(value: unknown): string {
  return JSON.stringify(value, (_, one) => (Number.isNaN(one) ? nanMark : one)).replaceAll(`"${nanMark}"`, 'NaN')
}
