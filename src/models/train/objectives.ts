import type { TableTrainer } from './table-trainer.ts'

/**
 * Pull each text's vector to the teacher's: adds weight · (1 − cosine), averaged over the batch.
 *
 * @param targets - `count × columns`, unit rows.
 * @returns the mean of 1 − cosine.
 */
export function towardsTeacher(
  trainer: TableTrainer,
  side: number,
  targets: Float32Array,
  count: number,
  weight: number,
): number {
  const units = trainer.units(side, count)
  const slopes = trainer.slopes(side, count)
  let total = 0
  const scale = weight / count
  for (let i = 0; i < targets.length; i++) {
    total += (units[i] as number) * (targets[i] as number)
    slopes[i] = (slopes[i] as number) - scale * (targets[i] as number)
  }
  return 1 - total / count
}

/**
 * Make the cosines between the batch's texts those of the teacher: adds weight · mean over pairs of (s − t)².
 *
 * @param similarities - `count × count`, the teacher's.
 */
export function likeTeachersPairs(
  trainer: TableTrainer,
  side: number,
  similarities: Float32Array,
  count: number,
  weight: number,
): number {
  const scores = trainer.scoresOf(side, side, count)
  const scale = (2 * weight) / count / Math.max(1, count - 1)
  let total = 0
  for (let i = 0; i < scores.length; i++) {
    const difference = (scores[i] as number) - (similarities[i] as number)
    total += difference * difference
    scores[i] = scale * difference
  }
  for (let i = 0; i < count; i++) scores[i * count + i] = 0
  trainer.backScores(side, side, count)
  return total / count / (count - 1)
}

/**
 * Tell a text's partner from the partners of the others, both ways round: adds weight · symmetric InfoNCE.
 *
 * @param temperature - > 0; smaller looks harder at the nearest wrong partners.
 */
export function partners(
  trainer: TableTrainer,
  a: number,
  b: number,
  count: number,
  temperature: number,
  weight: number,
): number {
  const scores = trainer.scoresOf(a, b, count)
  const rowSums = new Float64Array(count)
  const columnSums = new Float64Array(count)
  let loss = 0
  for (let i = 0; i < count; i++) loss -= (scores[i * count + i] as number) / temperature
  // Cosines are at most 1, so exponents less 1 / temperature cannot overflow.
  const shift = 1 / temperature
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      const value = Math.exp((scores[i * count + j] as number) / temperature - shift)
      scores[i * count + j] = value
      rowSums[i] = (rowSums[i] as number) + value
      columnSums[j] = (columnSums[j] as number) + value
    }
  const scale = weight / (2 * count * temperature)
  for (let i = 0; i < count; i++) {
    loss += (Math.log(rowSums[i] as number) + Math.log(columnSums[i] as number)) / 2 + shift
    const byRow = scale / (rowSums[i] as number)
    for (let j = 0; j < count; j++) {
      const value = scores[i * count + j] as number
      scores[i * count + j] = value * (byRow + scale / (columnSums[j] as number))
    }
    scores[i * count + i] = (scores[i * count + i] as number) - 2 * scale
  }
  trainer.backScores(a, b, count)
  return loss / count
}
