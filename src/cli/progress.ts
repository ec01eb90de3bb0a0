import type { Terminal } from './terminal.ts'
import { fitToWidth } from './text-width.ts'

/** A moment of a long run. */
export interface Step {
  /** What is going on: `read`, `embed`, … */
  readonly phase: string
  readonly done: number
  /** Undefined while nobody knows. */
  readonly total: number | undefined
  /** What is counted: `passages`, `tokens`, … */
  readonly unit: string
  readonly perSecond: number | undefined
  readonly etaMs: number | undefined
}

/** Shows how a long run goes on. `end` clears the live line, so that what follows starts on a clean one. */
export interface ProgressView {
  show(step: Step): void
  end(): void
}

const liveEveryMs = 80
const eventEveryMs = 250
const lineEveryMs = 3_000

/**
 * On a terminal one line that rewrites itself; off it a plain line at most every three seconds
 * (a run shorter than that prints none); with `json` one JSON object a line, `{"event":"progress",…}`.
 *
 * @param now - Milliseconds of a clock that never goes back.
 */
export function progressView(
  terminal: Terminal,
  json: boolean,
  now: () => number = () => performance.now(),
): ProgressView {
  if (json) {
    const isDue = throttle(eventEveryMs, now)
    return {
      show: (step) => {
        if (isDue(step)) terminal.err(`${JSON.stringify({ event: 'progress', ...step })}\n`)
      },
      end: () => {},
    }
  }
  if (terminal.live) return liveView(terminal, now)
  const isDue = throttle(lineEveryMs, now, false)
  const startedAt = now()
  return {
    show: (step) => {
      if (now() - startedAt >= lineEveryMs && isDue(step)) terminal.err(`${describeStep(step)}\n`)
    },
    end: () => {},
  }
}

function liveView(terminal: Terminal, now: () => number): ProgressView {
  const isDue = throttle(liveEveryMs, now)
  let isShown = false
  return {
    show: (step) => {
      if (!isDue(step)) return
      isShown = true
      terminal.err(`\r\u001b[2K${fitToWidth(describeStep(step), terminal.errorColumns - 1)}`)
    },
    end: () => {
      if (isShown) terminal.err('\r\u001b[2K')
      isShown = false
    },
  }
}

/** Lets one step an interval through, and the first of each phase where `phases` count. */
function throttle(everyMs: number, now: () => number, phases = true): (step: Step) => boolean {
  let last = Number.NEGATIVE_INFINITY
  let phase = ''
  return (step) => {
    const at = now()
    const isNewPhase = phases && step.phase !== phase
    if (!isNewPhase && at - last < everyMs) return false
    last = at
    phase = step.phase
    return true
  }
}

/** `embed  1,204 of 1,904 passages  63 %  2,310/s  0:01 left` */
export function describeStep(step: Step): string {
  const { phase, done, total, unit, perSecond, etaMs } = step
  if (done === 0 && total === undefined) return `${phase} …`
  const parts = [phase, total === undefined ? `${count(done)} ${unit}` : `${count(done)} of ${count(total)} ${unit}`]
  if (total !== undefined && total > 0) parts.push(`${Math.min(100, Math.floor((100 * done) / total))} %`)
  if (perSecond !== undefined && perSecond > 0) parts.push(`${count(Math.round(perSecond))}/s`)
  if (etaMs !== undefined && Number.isFinite(etaMs) && etaMs >= 1000) parts.push(`${clock(etaMs)} left`)
  return parts.join('  ')
}

/** 1904 → `1,904`, the same on every machine. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 file`, `2 files`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** `0.4 s`, `12 s`, `3:07`. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : clock(ms)
}

export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = size
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const tail = String(seconds % 60).padStart(2, '0')
  return minutes < 60
    ? `${minutes}:${tail}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}
