import { type PassportDifference, PassportMismatchError } from './errors.ts'
import { sha256Hex } from './sha256.ts'

/**
 * Who made a vector, so exactly that equal passports mean comparable vectors.
 * Every field counts: two passports that differ anywhere never meet in one operation.
 */
export interface Passport {
  /** Who computes: `vecino` (our static models), `onnx`, `openai`, `ollama`, … */
  readonly provider: string
  /** Name of the model within the provider. */
  readonly model: string
  /** SHA-256 of the weights; empty for hosted models, whose change the canary texts show (`core/canary`). */
  readonly weightsDigest: string
  /** SHA-256 of the tokenizer's files; empty for hosted models. */
  readonly tokenizerDigest: string
  readonly dimensions: number
  readonly pooling: 'mean' | 'cls' | 'max' | 'mean-sqrt-length' | 'weighted-mean' | 'last-token' | 'none' | 'hosted'
  /** Put before a text in the role of a query; may be empty. */
  readonly queryPrompt: string
  /** Put before a text in the role of a document; may be empty. */
  readonly documentPrompt: string
  /** True when rows have unit length. */
  readonly normalized: boolean
  /** Tokens of one text beyond which the model would cut; null where it has no window. */
  readonly maxTokens: number | null
  /** Arithmetic of the weights: `float32`, `int8`, `float16`, … or `hosted`. */
  readonly dtype: string
}

const fields = [
  'provider',
  'model',
  'weightsDigest',
  'tokenizerDigest',
  'dimensions',
  'pooling',
  'queryPrompt',
  'documentPrompt',
  'normalized',
  'maxTokens',
  'dtype',
] as const satisfies readonly (keyof Passport)[]

type Unlisted = Exclude<keyof Passport, (typeof fields)[number]>
/** Fails to compile when a field is added to `Passport` and not to `fields`. */
const everyFieldIsListed: [Unlisted] extends [never] ? true : never = true
void everyFieldIsListed

export const passportFields: readonly (keyof Passport)[] = fields

/** SHA-256 (hex) of the passport's fields in their fixed order. Equal fingerprints: comparable vectors. */
export function fingerprint(passport: Passport): string {
  return sha256Hex(JSON.stringify(fields.map((field) => [field, passport[field]])))
}

export function passportDifferences(here: Passport, there: Passport): PassportDifference[] {
  return fields
    .filter((field) => here[field] !== there[field])
    .map((field) => ({ field, here: here[field], there: there[field] }))
}

/** @throws {PassportMismatchError} naming every field in which the two differ. */
export function assertSamePassport(here: Passport, there: Passport, what: string): void {
  const differences = passportDifferences(here, there)
  if (differences.length > 0)
    throw new PassportMismatchError(
      what,
      differences,
      'Embed both with one model: choose the one that made these vectors, or add the texts to a new collection.',
    )
}
