import { InvalidArgumentError } from '../spec/errors.ts'

/**
 * Choose `topK` candidates that are good and unlike each other: maximal marginal relevance. Each step takes the candidate
 * with the greatest (1 − diversity) · score − diversity · (its greatest similarity to one taken before).
 *
 * @param scores - Of the candidates, on the scale of `similarity`; larger is better.
 * @param similarity - Of two candidates by their numbers; symmetric.
 * @param options.diversity - From 0 (the best, however alike) to 1 (as unlike as can be, however bad).
 * @returns numbers of the chosen candidates in the order taken; ties to the smaller number.
 *
 * Cost: O(topK · candidates) calls of `similarity`. Source: Carbonell & Goldstein 1998.
 */
export function diversify(
  scores: ArrayLike<number>,
  similarity: (a: number, b: number) => number,
  { topK, diversity }: { readonly topK: number; readonly diversity: number },
): number[] {
  if (!(diversity >= 0 && diversity <= 1))
    throw new InvalidArgumentError('options.diversity', 'a number from 0 to 1', diversity)
  const left = new Set(Array.from({ length: scores.length }, (_, i) => i))
  const closest = new Float64Array(scores.length)
  const chosen: number[] = []
  while (chosen.length < topK && left.size > 0) {
    let [best, bestWorth] = [-1, Number.NEGATIVE_INFINITY]
    for (const i of left) {
      const worth =
        (1 - diversity) * (scores[i] as number) - (chosen.length > 0 ? diversity * (closest[i] as number) : 0)
      if (worth > bestWorth) [best, bestWorth] = [i, worth]
    }
    left.delete(best)
    for (const i of left) {
      const alike = similarity(i, best)
      if (chosen.length === 0 || alike > (closest[i] as number)) closest[i] = alike
    }
    chosen.push(best)
  }
  return chosen
}
