/** After less, speed is chance: the first part may have been done before the clock was asked. */
const leastMs = 100

/** Speed and time left of a run that only says how far it is. */
export function rateOf(
  now: () => number,
): (done: number, total: number | undefined) => { perSecond: number | undefined; etaMs: number | undefined } {
  const startedAt = now()
  return (done, total) => {
    const elapsedMs = now() - startedAt
    if (elapsedMs < leastMs || done === 0) return { perSecond: undefined, etaMs: undefined }
    const perMs = done / elapsedMs
    return { perSecond: 1000 * perMs, etaMs: total === undefined ? undefined : (total - done) / perMs }
  }
}
