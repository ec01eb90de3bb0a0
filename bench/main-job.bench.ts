/**
 * How long does the main job take? Adding some 10,000 passages of Markdown with the starter, adding them again unchanged,
 * and a search from a cold shell: `npm run build && node bench/main-job.bench.ts`. Needs ../shared/data.
 *
 * Times are the median of five runs, each in a process of its own; the cold search is what the shell waits for.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { saveResults } from './harness.ts'

const data = new URL('../../shared/data/', import.meta.url)
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const runs = 5

if (!existsSync(data) || !existsSync(cli))
  throw new Error(`needs the data in ${data.pathname} and a build (npm run build)`)
const folder = mkdtempSync(join(tmpdir(), 'vecino-bench-'))
const docs = join(folder, 'docs')
const collection = join(folder, 'bench.vecino')
cpSync(new URL('blogs/18f/posts', data), join(docs, 'posts'), { recursive: true })
mkdirSync(join(docs, 'pages'))
const pages = gunzipSync(readFileSync(new URL('docs/docs-ai-sdk.jsonl.gz', data)))
  .toString()
  .trim()
  .split('\n')
for (const [i, line] of pages.entries()) writeFileSync(join(docs, 'pages', `${i}.md`), JSON.parse(line).text)

interface Run {
  readonly ms: number
  readonly cpuMs: number
  readonly rssMB: number
  readonly answer: { readonly passages?: number }
}

/** Runs the command line in a process of its own; what it used is told by the process itself at its end. */
function run(...args: string[]): Run {
  const usage = join(folder, 'usage.json')
  const hook = join(folder, 'usage.cjs')
  const written = `require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage()))`
  writeFileSync(hook, `process.on('exit', () => ${written})`)
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', hook, cli, ...args, '--collection', collection, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const ms = performance.now() - start
  if (status !== 0) throw new Error(stderr)
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(usage, 'utf8'))
  return { ms, cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMB: maxRSS / 1024, answer: JSON.parse(stdout) }
}

function report(title: string, list: readonly Run[]): string {
  const sorted = (value: (run: Run) => number) => list.map(value).sort((a, b) => a - b)
  const middle = (values: readonly number[]) => (values[values.length >> 1] as number).toFixed(0)
  const ms = sorted((one) => one.ms)
  const shown = `median ${middle(ms)} ms (min ${ms[0]?.toFixed(0)}, max ${ms.at(-1)?.toFixed(0)}), CPU ${middle(sorted((one) => one.cpuMs))} ms, peak RSS ${middle(sorted((one) => one.rssMB))} MB`
  return `- ${title}: ${shown}`
}

try {
  const added: Run[] = []
  for (let i = 0; i < runs; i++) {
    for (const end of ['', '-wal', '-shm', '-lock', '-reserve']) rmSync(collection + end, { force: true })
    added.push(run('add', docs))
  }
  const again = Array.from({ length: runs }, () => run('add', docs))
  const searched = Array.from({ length: runs }, () => run('search', 'how do we hire designers'))
  const notes = [
    `- ${added[0]?.answer.passages} passages of Markdown, ${runs} runs, each in a process of its own`,
    report('add, durable', added),
    report('add again, nothing changed', again),
    report('search from a cold shell', searched),
  ]
  console.log(notes.join('\n'))
  saveResults('main-job', {
    question: 'How long does the main job take?',
    command: 'npm run build && node bench/main-job.bench.ts',
    versions: {},
    rows: [],
    notes,
  })
} finally {
  rmSync(folder, { recursive: true })
}
