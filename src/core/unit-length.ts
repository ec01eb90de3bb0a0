import { createMatrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { assertVectors } from './gate.ts'
import { wrapModel } from './wrapped-model.ts'

/**
 * The same model with rows of unit length, and a passport that says so: collections compare by inner product, which is
 * the cosine only there. A model that gives unit rows is returned as it is.
 */
export function withUnitLength(model: EmbeddingModel): EmbeddingModel {
  if (model.passport.normalized) return model
  const passport = { ...model.passport, normalized: true }
  return wrapModel(model, {
    passport,
    async embed(texts, options) {
      const { vectors, usage } = await model.embed(texts, options)
      assertVectors(vectors, texts, model.passport)
      const unit = createMatrix(vectors.rows, vectors.columns, vectors.data.slice(), passport)
      for (let i = 0; i < unit.rows; i++) scaleToUnit(rowOf(unit, i))
      return { vectors: unit, usage }
    },
  })
}

function scaleToUnit(row: Float32Array): void {
  let squared = 0
  for (const value of row) squared += value * value
  const length = Math.sqrt(squared)
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) / length
}
