/**
 * Does memory stay flat while a file far larger than it goes in? Makes a JSONL file of seeded sentences, adds it with the
 * starter and watches the process: `npm run build && node bench/big-jsonl.bench.ts [megabytes = 2048] [minutes = 60]`.
 * Needs ../shared/data and, for the memory seen on the way, Linux. Ends with status 1 above 512 MB.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { createRandom } from '../src/kernels/random.ts'

const data = new URL('../../shared/data/text/', import.meta.url)
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const limitMB = 512
const megabytes = Number(process.argv[2] ?? 2048)
const minutes = Number(process.argv[3] ?? 60)
if (!(megabytes > 0 && minutes > 0)) throw new Error('needs a size in megabytes and a limit in minutes, both above 0')
if (!existsSync(data) || !existsSync(cli)) throw new Error(`needs the data in ${data.pathname} and a build`)

const folder = mkdtempSync(join(tmpdir(), 'vecino-big-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Rows of 2–4 kB, each of sentences chosen anew, so that hardly two are alike. */
function writeRows(path: string): number {
  const lines = readdirSync(data)
    .filter((name) => /\.(txt|tsv)(\.gz)?$/.test(name))
    .sort()
    .flatMap((name) => {
      const bytes = readFileSync(new URL(name, data))
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n', 50_000)
    })
    .filter((line) => line.length > 20 && line.length < 400)
  const random = createRandom(7)
  const file = openSync(path, 'w')
  let rows = 0
  for (let bytes = 0; bytes < megabytes * 2 ** 20; ) {
    const page: string[] = []
    for (let i = 0; i < 1000; i++) {
      const wanted = 2000 + random.below(2000)
      let text = ''
      while (text.length < wanted) text += `${lines[random.below(lines.length)]}\n`
      page.push(`${JSON.stringify({ id: `row-${rows++}`, text })}\n`)
    }
    bytes += writeSync(file, page.join(''))
  }
  closeSync(file)
  return rows
}

/** The most memory that a process has held so far, in MB; 0 where the system does not tell. */
function peakMB({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

const path = join(folder, 'rows.jsonl')
const rows = writeRows(path)
console.log(`${rows} rows, ${megabytes} MB`)
const start = performance.now()
const child = spawn(process.execPath, [cli, 'add', path, '--collection', join(folder, 'big.vecino'), '--json'], {
  stdio: ['ignore', 'ignore', 'pipe'],
})
let told = ''
let passages = 0
child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
  const lines = (told + chunk).split('\n')
  told = lines.pop() ?? ''
  for (const line of lines) if (line.includes('"store"')) passages = JSON.parse(line).done
})
let peak = 0
let tick = 0
const watch = setInterval(() => {
  peak = Math.max(peak, peakMB(child))
  const seconds = (performance.now() - start) / 1000
  if (++tick % 30 === 0)
    console.log(
      `${seconds.toFixed(0).padStart(5)} s  ${passages} passages, ${(passages / seconds).toFixed(0)}/s, peak RSS ${peak.toFixed(0)} MB`,
    )
  if (seconds > minutes * 60) child.kill('SIGINT')
}, 1000)
const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
clearInterval(watch)
const seconds = (performance.now() - start) / 1000
console.log(
  `status ${status} after ${seconds.toFixed(0)} s: ${passages} passages, ${(passages / seconds).toFixed(0)}/s, peak RSS ${peak.toFixed(0)} MB of ${limitMB}`,
)
process.exitCode = peak > limitMB ? 1 : 0
