import { sleep } from '../core/sleep.ts'
import { createRandom } from '../kernels/random.ts'

/** Time and chance as the network code sees them, so that tests wait for nothing and repeat exactly. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** From 0 (inclusive) to 1. */
  random(): number
}

/**
 * The system's time, and waits that a seed decides.
 *
 * @param seed - Processes that ask one server must not wait alike. @default the process id
 */
export function systemClock(seed: number = process.pid): Clock {
  const random = createRandom(seed)
  return {
    now: () => Date.now(),
    random: () => random.float64(),
    sleep,
  }
}
