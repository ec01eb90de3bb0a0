import { UnreadableInputError } from '../../spec/errors.ts'
import { matrixFromJson, matrixToJson, readDocument } from '../matrix-json.ts'
import type { Scorer } from './scorer.ts'
import type { Calibration, Classifier } from './train.ts'

const remedy = 'Train one first: vecino classify train --out <path>, or trainClassifier.'
const document = { format: 'vecino-classifier', version: 1 } as const
const methods = ['logistic', 'centroid', 'knn', 'zero-shot']

/** A classifier as one JSON document, with the passport of its vectors: what `classifierFromJson` reads. */
export function classifierToJson({ scorer, ...rest }: Classifier): string {
  const matrix = scorer.kind === 'linear' ? scorer.weights : scorer.rows
  const learnt =
    scorer.kind === 'linear'
      ? { kind: scorer.kind, weights: matrixToJson(matrix), intercepts: Array.from(scorer.intercepts) }
      : { kind: scorer.kind, rows: matrixToJson(matrix), labels: Array.from(scorer.labels), k: scorer.k }
  return JSON.stringify({ ...document, passport: matrix.passport ?? null, ...rest, scorer: learnt })
}

/**
 * @param place - Where the text comes from, for messages: the file's path.
 * @throws {UnreadableInputError} when the text is no such document.
 */
export function classifierFromJson(text: string, place = 'classifier'): Classifier {
  const { body, passport } = readDocument(text, document, place, remedy)
  const { method, classes, calibration, sure } = body
  if (typeof method !== 'string' || !methods.includes(method))
    throw new UnreadableInputError(place, `method ${methods.join(', ')}`, String(method))
  if (!Array.isArray(classes) || classes.length < 2 || !classes.every((name) => typeof name === 'string'))
    throw new UnreadableInputError(place, 'at least 2 classes', 'others')
  const known = (body['scorer'] ?? {}) as Record<string, unknown>
  return {
    method: method as Classifier['method'],
    classes,
    scorer: known['kind'] === 'linear' ? linear(known) : nearest(known),
    calibration: calibration as Calibration | undefined,
    sure: sure as Classifier['sure'],
  }

  function linear({ weights, intercepts }: Record<string, unknown>): Scorer {
    const matrix = matrixFromJson(weights, `${place}, weights`, passport)
    if (matrix.rows !== (classes as string[]).length || !isNumbers(intercepts) || intercepts.length !== matrix.rows)
      throw new UnreadableInputError(place, 'weights and an intercept for each class', 'another number of them')
    return { kind: 'linear', weights: matrix, intercepts: Float64Array.from(intercepts) }
  }

  function nearest({ kind, rows, labels, k }: Record<string, unknown>): Scorer {
    if (kind !== 'nearest') throw new UnreadableInputError(place, 'a scorer, linear or nearest', String(kind))
    const matrix = matrixFromJson(rows, `${place}, rows`, passport)
    const count = (classes as string[]).length
    if (!isNumbers(labels) || labels.length !== matrix.rows || !labels.every((label) => label >= 0 && label < count))
      throw new UnreadableInputError(place, 'the class of each row', 'others')
    if (!Number.isSafeInteger(k) || (k as number) < 1 || (k as number) > matrix.rows)
      throw new UnreadableInputError(place, `k from 1 to ${matrix.rows}`, String(k))
    return { kind: 'nearest', rows: matrix, labels: Int32Array.from(labels), k: k as number }
  }
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isFinite(entry))
}
