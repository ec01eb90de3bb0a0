/**
 * Cut the power under a writer: a loop-mounted ext4 is shut down without its journal, which drops every page that was
 * not synced; after the remount no acknowledged batch may be missing. The same with SQLite's synchronous NORMAL and OFF
 * must lose something, or the cuts cut nothing and the harness is void. Takes root on Linux.
 *
 * node test/slow/power-cut.ts [--cuts=50] [--seed=1]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { assertHolds, passport, randomOf, Script } from './support/crash-script.ts'
import { Ledger, numberFlag } from './support/harness.ts'

const seed = numberFlag('seed', 1)
const cuts = numberFlag('cuts', 50)
/** A control that has not lost anything after so many cuts makes the harness void. */
const controlCuts = 60
const ledger = new Ledger()
const worker = fileURLToPath(new URL('support/power-cut-worker.ts', import.meta.url))
const shutdown = fileURLToPath(new URL('support/shutdown-ext4.py', import.meta.url))

class Disk {
  readonly #image: string
  readonly folder: string

  constructor(place: string, name: string) {
    this.#image = join(place, `${name}.img`)
    this.folder = join(place, name)
    mkdirSync(this.folder)
    execFileSync('truncate', ['-s', '32M', this.#image])
    execFileSync('mkfs.ext4', ['-q', '-F', this.#image], { stdio: 'pipe' })
  }

  mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image, this.folder], { stdio: 'pipe' })
  }

  async unmount(): Promise<void> {
    for (let attempt = 0; spawnSync('umount', [this.folder]).status !== 0; attempt++) {
      if (attempt > 100) throw new Error(`cannot unmount ${this.folder}`)
      await sleep(20)
    }
  }
}

/** Write until the power is cut some milliseconds after the first acknowledged batch; the number of the last one. */
async function writeAndCut(path: string, folder: string, setting: string, afterMs: number): Promise<number> {
  const cutter = spawn('python3', [shutdown, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const cutterLines = createInterface({ input: cutter.stdout })[Symbol.asyncIterator]()
  await cutterLines.next()
  const child = spawn(process.execPath, ['--no-warnings', worker, path, String(seed), setting], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = new Promise((resolve) => child.on('close', resolve))
  let acknowledged = 0
  let isCut = false
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    if (isCut) continue
    isCut = true
    void sleep(afterMs).then(() => cutter.stdin.write(`${child.pid}\n`))
  }
  await exit
  if (!isCut) throw new Error('the writer ended before it wrote anything')
  const { value } = await cutterLines.next()
  if (value !== 'cut') throw new Error('the power was not cut')
  return acknowledged
}

/** What is missing or wrong after a cut; undefined where nothing is. */
async function loss(path: string, script: Script, acknowledged: number): Promise<string | undefined> {
  try {
    const store = await openSqliteStore(path, { passport })
    try {
      if (store.generation < acknowledged) return `${acknowledged - store.generation} acknowledged batches lost`
      while (script.count < store.generation) script.advance()
      await assertHolds(store, script)
      return undefined
    } finally {
      await store.close()
    }
  } catch (error) {
    return String(error)
  }
}

/** One setting, cut after cut on the same file. Stops at the first loss. */
async function cutAgainAndAgain(
  place: string,
  setting: string,
  most: number,
): Promise<{ cuts: number; lost?: string }> {
  const disk = new Disk(place, setting)
  const path = join(disk.folder, 'docs.vecino')
  const script = new Script(seed)
  const random = randomOf(seed)
  for (let cut = 1; cut <= most; cut++) {
    const afterMs = random(80)
    disk.mount()
    try {
      const acknowledged = await writeAndCut(path, disk.folder, setting, afterMs)
      await disk.unmount()
      disk.mount()
      const lost = await loss(path, script, acknowledged)
      if (setting === 'product')
        await ledger.trial(`cut ${cut}, ${afterMs} ms after the first batch (seed ${seed})`, () => {
          if (lost !== undefined) throw new Error(lost)
        })
      if (lost !== undefined) return { cuts: cut, lost }
    } finally {
      await disk.unmount()
    }
  }
  return { cuts: most }
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'ext4 is Linux only'
  if (process.getuid?.() !== 0) return 'mounting takes root'
  for (const [command, flag] of [
    ['mkfs.ext4', '-V'],
    ['python3', '--version'],
    ['losetup', '--version'],
  ] as const)
    if (spawnSync(command, [flag]).status !== 0) return `${command} is missing`
  const place = mkdtempSync(join(tmpdir(), 'vecino-cut-'))
  try {
    const disk = new Disk(place, 'probe')
    disk.mount()
    execFileSync('umount', [disk.folder])
    return undefined
  } catch {
    return 'loop mounts are not allowed here'
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const reason = whyNot()
if (reason !== undefined) {
  console.log(`SKIPPED power cuts: ${reason}`)
} else {
  console.log(`power cuts: seed ${seed}, SQLite ${process.versions.sqlite}, Linux`)
  const place = mkdtempSync(join(tmpdir(), 'vecino-cut-'))
  try {
    const product = await cutAgainAndAgain(place, 'product', cuts)
    console.log(`as it is: ${product.cuts} cuts, ${product.lost ?? 'nothing lost'}`)
    for (const setting of ['OFF', 'NORMAL']) {
      const control = await cutAgainAndAgain(place, setting, controlCuts)
      console.log(`control ${setting}: ${control.lost ?? 'nothing lost'} after ${control.cuts} cuts`)
      await ledger.trial(`control ${setting} must lose`, () => {
        if (control.lost === undefined) throw new Error('void: the cuts cut nothing')
      })
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
ledger.close()
