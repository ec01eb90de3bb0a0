/** Longer ids are compared by their parts only: the cost of a distance grows with the square. */
const longestCompared = 200

/**
 * The id that was probably meant where there is none of this name: the one that differs in case or folder only, else the
 * one that differs by the fewest letters, at most 2 and at most a third.
 *
 * Cost: one pass over the ids.
 */
export async function nearId(
  wanted: string,
  sources: Iterable<{ readonly id: string }> | AsyncIterable<{ readonly id: string }>,
): Promise<string | undefined> {
  const asked = wanted.toLowerCase()
  let nearest: string | undefined
  let fewest = Math.min(2, Math.floor(wanted.length / 3)) + 1
  for await (const { id } of sources) {
    const here = id.toLowerCase()
    if (here === asked || nameOf(here) === nameOf(asked)) return id
    const distance = editDistance(asked, here, fewest)
    if (distance < fewest) [nearest, fewest] = [id, distance]
  }
  return nearest
}

/** `Did you mean "returns.md"? ` to put before a remedy; empty where nothing is near. */
export function didYouMean(id: string | undefined): string {
  return id === undefined ? '' : `Did you mean ${JSON.stringify(id)}? `
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}

/** Levenshtein's distance; `enough` where it is that or more. */
function editDistance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough || a.length > longestCompared) return enough
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] as number) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1))
    }
    row = next
  }
  return Math.min(enough, row[b.length] as number)
}
