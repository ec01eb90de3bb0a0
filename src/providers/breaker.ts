import type { Clock } from './clock.ts'

/** Failures in a row, over all calls, after which a server is left in peace. */
const failuresToOpen = 5
const firstPauseMs = 2_000
const mostPauseMs = 60_000

/**
 * What the calls to one server know of it together: when it asked all to wait, and when it has failed so often that only
 * one call at a time may try whether it is back.
 */
export class Breaker {
  private readonly clock: Clock
  private failures = 0
  private pausedUntilMs = 0
  private probe: PromiseWithResolvers<void> | undefined

  constructor(clock: Clock) {
    this.clock = clock
  }

  /**
   * What to wait for before asking to enter again: milliseconds, or another call's attempt.
   * Undefined: go ahead now, and `leave` when the attempt is over.
   */
  enter(): number | Promise<void> | undefined {
    const wait = this.pausedUntilMs - this.clock.now()
    if (wait > 0) return wait
    if (this.failures < failuresToOpen) return undefined
    if (this.probe !== undefined) return this.probe.promise
    this.probe = Promise.withResolvers()
    return undefined
  }

  leave(): void {
    this.probe?.resolve()
    this.probe = undefined
  }

  /** Nobody enters before `ms` have passed. */
  pause(ms: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.clock.now() + ms)
  }

  succeeded(): void {
    this.failures = 0
  }

  failed(): void {
    this.failures++
    if (this.failures < failuresToOpen) return
    this.pause(Math.min(mostPauseMs, firstPauseMs * 2 ** (this.failures - failuresToOpen)))
  }
}
