/**
 * Kill a writer at random, and at every write point; fail every write point with EIO and ENOSPC. Afterwards the file
 * must hold every acknowledged batch whole, at most one more, and nothing else, without any repair.
 *
 * node test/slow/crash.ts [--kills=300] [--seed=1]
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { assertHolds, passport, randomOf, Script } from './support/crash-script.ts'
import { inParallel, Ledger, numberFlag } from './support/harness.ts'

const seed = numberFlag('seed', 1)
const kills = numberFlag('kills', 300)
const worker = fileURLToPath(new URL('support/crash-worker.ts', import.meta.url))
/** Stops only at the calls asked for, so that the rest runs at full speed; but injects no signals. */
const quickTracer = ['strace', '-f', '--seccomp-bpf']
const tracer = ['strace']
const ledger = new Ledger()
const folder = mkdtempSync(join(tmpdir(), 'vecino-crash-'))
const reopenMs: number[] = []

interface Outcome {
  readonly acknowledged: number
  readonly status: number | null
  readonly lines: readonly string[]
}

/** Run the writer, under `wrapper` if given; kill it some milliseconds after its first words if asked. */
async function write(options: {
  path: string
  seed: number
  batches: number
  wrapper?: readonly string[]
  kill?: { readonly afterMs: number; readonly from: 'open' | 'first batch' }
}): Promise<Outcome> {
  const { path, batches, wrapper = [], kill } = options
  const [command = '', ...rest] = [...wrapper, process.execPath, '--no-warnings', worker, path, String(options.seed)]
  const child = spawn(command, [...rest, String(batches)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    const isStart = kill !== undefined && lines.length === (kill.from === 'open' ? 1 : 2)
    if (isStart) void sleep(kill.afterMs).then(() => child.kill('SIGKILL'))
  }
  const status = await exit
  if (status === 3) throw new Error(`an error without a type: ${complaint}`)
  return { acknowledged: Math.max(0, ...lines.map(Number).filter(Number.isInteger)), status, lines }
}

/** Open the file as any reader would, and compare. Returns how many batches it holds. */
async function check(path: string, script: Script, acknowledged: number): Promise<number> {
  const start = performance.now()
  const store = await openSqliteStore(path, { passport })
  reopenMs.push(performance.now() - start)
  try {
    const { generation } = store
    if (generation < acknowledged) throw new Error(`${acknowledged - generation} acknowledged batches lost`)
    if (generation > Math.max(acknowledged, script.count) + 1) throw new Error(`phantom batches up to ${generation}`)
    while (script.count < generation) script.advance()
    await assertHolds(store, script)
    return generation
  } finally {
    await store.close()
  }
}

async function randomKills(): Promise<void> {
  const lanes = 2
  const seeds = Array.from({ length: lanes }, (_, lane) => seed + lane)
  const scripts = seeds.map((own) => new Script(own))
  const acknowledged = seeds.map(() => 0)
  const random = randomOf(seed)
  const jobs = Array.from({ length: kills }, (_, number) => ({
    number,
    afterMs: random(60),
    from: number % 2 === 0 ? ('open' as const) : ('first batch' as const),
  }))
  let total = 0
  await inParallel(jobs, lanes, async ({ number, afterMs, from }, lane) => {
    const path = join(folder, `random-${lane}`)
    const own = seeds[lane] as number
    await ledger.trial(`kill ${number}, ${afterMs} ms after ${from} (seed ${own})`, async () => {
      const outcome = await write({ path, seed: own, batches: 1_000_000, kill: { afterMs, from } })
      acknowledged[lane] = Math.max(acknowledged[lane] as number, outcome.acknowledged)
      const held = await check(path, scripts[lane] as Script, acknowledged[lane] as number)
      total += Math.max(0, held - (acknowledged[lane] as number))
    })
  })
  const batches = acknowledged.reduce((sum, count) => sum + count, 0)
  console.log(`random kills: ${kills}, batches acknowledged ${batches}, unacknowledged but whole ${total}`)
}

/** How often the writer makes each system call that changes something, from an undisturbed run. */
async function writePoints(): Promise<Map<string, number> | undefined> {
  if (spawnSync('strace', ['-V']).status !== 0) return undefined
  const calls = ['pwrite64', 'write', 'fsync', 'fdatasync', 'ftruncate', 'unlink']
  await write({ path: join(folder, 'warm-up'), seed, batches: 2 })
  const path = join(folder, 'counted')
  const log = join(folder, 'counts')
  const outcome = await write({
    path,
    seed,
    batches: 2,
    wrapper: [...quickTracer, '-c', '-o', log, '-e', `trace=${calls}`],
  })
  if (outcome.lines.at(-1) !== 'closed') return undefined
  const points = new Map<string, number>()
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const columns = line.trim().split(/\s+/)
    const call = columns.at(-1) ?? ''
    if (calls.includes(call)) points.set(call, Number(columns[3]))
  }
  return points
}

async function everyPoint(): Promise<void> {
  const points = await writePoints()
  if (points === undefined) {
    console.log('SKIPPED every write point: strace is missing or may not trace here')
    return
  }
  const faults = [
    { what: 'signal=SIGKILL', with: tracer, calls: [...points.keys()] },
    { what: 'error=EIO', with: quickTracer, calls: [...points.keys()].filter((call) => call !== 'write') },
    { what: 'error=ENOSPC', with: quickTracer, calls: ['pwrite64', 'ftruncate'].filter((call) => points.has(call)) },
  ]
  for (const { what, with: command, calls } of faults) {
    const jobs = calls.flatMap((call) =>
      Array.from({ length: points.get(call) ?? 0 }, (_, i) => ({ call, when: i + 1 })),
    )
    let hits = 0
    await inParallel(jobs, 2, async ({ call, when }) => {
      const path = join(folder, `${call}-${when}`)
      const inject = `inject=${call}:${what}:when=${when}`
      await ledger.trial(`${inject} (seed ${seed})`, async () => {
        const wrapper = [...command, '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
        const outcome = await write({ path, seed, batches: 2, wrapper })
        if (outcome.lines.at(-1) !== 'closed') hits++
        await check(path, new Script(seed), outcome.acknowledged)
      })
      for (const suffix of ['', '-wal', '-shm', '-lock', '-lock-journal', '-reserve'])
        rmSync(path + suffix, { force: true })
    })
    // Some points may fail and be made up for, but if nearly all passed, nothing was injected.
    await ledger.trial(`${what} was injected`, () => {
      if (hits < jobs.length / 2) throw new Error(`void: only ${hits} of ${jobs.length} points stopped the writer`)
    })
    console.log(`${what}: ${jobs.length} points of ${calls.join(', ')}; ${hits} stopped the writer`)
  }
}

console.log(`crash: seed ${seed}, SQLite ${process.versions.sqlite}, Node ${process.versions.node}`)
try {
  await randomKills()
  await everyPoint()
  const sorted = reopenMs.toSorted((a, b) => a - b)
  console.log(`reopened ${sorted.length} times, p99 ${sorted[Math.floor(sorted.length * 0.99)]?.toFixed(1)} ms`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
ledger.close()
