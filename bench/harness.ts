import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One line of bench/RESULTS.md: ours beside the rival, on the same data in the same run. */
export interface ResultRow {
  readonly what: string
  readonly rival: string
  /** Medians in milliseconds, for the unit of work that `what` names. */
  readonly oursMs: number
  readonly rivalMs: number
  /** Least and greatest of the rounds. */
  readonly oursSpread: readonly [number, number]
  readonly rivalSpread: readonly [number, number]
  /** How many times faster we are: median of the rounds' ratios, each of neighbours in time. */
  readonly ratio: number
  readonly goal?: number | undefined
  /** What was checked about the answers, and whatever else a reader must know. */
  readonly note?: string | undefined
}

export interface Results {
  /** The question the section answers, its heading. */
  readonly question: string
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
  readonly rows: readonly ResultRow[]
  /** How good instead of how fast: a table whose columns are the keys of its rows, the same in each. */
  readonly figures?: readonly Readonly<Record<string, string | number>>[] | undefined
  readonly notes?: readonly string[] | undefined
}

/** Keep a bench's results as bench/results/<name>.json, from which `npm run bench` writes RESULTS.md. */
export function saveResults(name: string, results: Results): void {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ ...results, machine }, null, 2)}\n`)
  for (const row of results.rows)
    console.log(
      `${row.what}: ours ${row.oursMs.toFixed(3)} ms, ${row.rival} ${row.rivalMs.toFixed(3)} ms, ` +
        `${row.ratio.toFixed(1)} ×${row.goal === undefined ? '' : ` (goal ${row.goal} ×)`}${row.note === undefined ? '' : `; ${row.note}`}`,
    )
}

/**
 * Time both in turn, so that whatever else the machine does meets both alike.
 *
 * @param ours - Returns the milliseconds of one round.
 * @param rounds - After one round each to warm up, unless they were run before.
 * @param warmUp - @default true
 */
export async function compareInTurn(
  rounds: number,
  ours: () => Promise<number>,
  rival: () => Promise<number>,
  warmUp = true,
): Promise<Pick<ResultRow, 'oursMs' | 'rivalMs' | 'oursSpread' | 'rivalSpread' | 'ratio'>> {
  if (warmUp) {
    await ours()
    await rival()
  }
  const times: [number, number][] = []
  for (let round = 0; round < rounds; round++) times.push([await ours(), await rival()])
  const mine = times.map(([time]) => time)
  const theirs = times.map(([, time]) => time)
  return {
    oursMs: median(mine),
    rivalMs: median(theirs),
    oursSpread: [Math.min(...mine), Math.max(...mine)],
    rivalSpread: [Math.min(...theirs), Math.max(...theirs)],
    ratio: median(times.map(([a, b]) => b / a)),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2
}

export async function timed(work: () => unknown): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** Milliseconds of the processor that this process has used, all its threads together: other programs disturb it less than the clock. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What `work` takes of it. */
export async function spent(work: () => unknown): Promise<number> {
  const from = processorMs()
  await work()
  return processorMs() - from
}

/** A rival in Python that stays up and answers one JSON line with another; times are taken on its side. */
export interface PythonRival {
  ask(request: Record<string, unknown>): Promise<Record<string, unknown> & { ms: number }>
  close(): void
}

/** @param venv - Folder of .cache with its Python. @default 'rivals' */
export function startPython(script: string, venv = 'rivals'): PythonRival {
  const python = fileURLToPath(new URL(`../.cache/${venv}/bin/python`, import.meta.url))
  if (!existsSync(python)) throw new Error('no rivals yet: node bench/rivals/setup.ts')
  const child = spawn(python, [fileURLToPath(new URL(`rivals/${script}`, import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${script} ended`)
      return JSON.parse(value)
    },
    close: () => child.stdin.end(),
  }
}

/** Write float32 values where a rival can read them; returns the path. */
export function shareVectors(name: string, data: Float32Array): string {
  const folder = new URL('../.cache/bench/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const path = fileURLToPath(new URL(`${name}.f32`, folder))
  writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return path
}
