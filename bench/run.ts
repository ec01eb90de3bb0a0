/**
 * Run the benches and write bench/RESULTS.md: `npm run bench [name …]`, all of them by default.
 * `--render` only writes the page from the results there are.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ResultRow, Results } from './harness.ts'

const folder = new URL('./', import.meta.url)
const names = process.argv.slice(2).filter((name) => !name.startsWith('--'))
const benches = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))

if (!process.argv.includes('--render'))
  for (const name of names.length > 0 ? names : benches) {
    console.log(`\n${name}`)
    const script = fileURLToPath(new URL(`${name}.bench.ts`, folder))
    const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
    if (status !== 0) console.error(`${name} failed; its results are those of its last run`)
  }

const results = new URL('results/', folder)
const files = existsSync(results) ? readdirSync(results).filter((file) => file.endsWith('.json')) : []
const sections = files.sort().map((file) => section(JSON.parse(readFileSync(new URL(file, results), 'utf8'))))
const intro = `# Measured

Each table row is one run on one machine, ours and the rival in turn on the same data with the same threads. The ratio is the
median of the rounds' ratios; read it, not the milliseconds, which depend on the machine. Written by \`npm run bench\`.
`
writeFileSync(new URL('RESULTS.md', folder), [intro, ...sections].join('\n'))

function section(found: Results & { machine: string }): string {
  const versions = Object.entries(found.versions).map(([name, version]) => `${name} ${version}`)
  const facts = [`\`${found.command}\``, found.machine, ...(versions.length > 0 ? [versions.join(', ')] : [])]
  const header = '| What | Ours, ms | Rival, ms | Ratio | Goal |\n|---|---|---|---|---|'
  const table = found.rows.length === 0 ? [] : [[header, ...found.rows.map(line)].join('\n')]
  const figures = found.figures === undefined ? [] : [tableOf(found.figures)]
  const notes = (found.notes ?? []).join(table.length + figures.length === 0 ? '\n' : '\n\n')
  return `${[`## ${found.question}`, facts.join(' · '), ...table, ...figures, notes].join('\n\n').trimEnd()}\n`
}

function tableOf(figures: NonNullable<Results['figures']>): string {
  const names = Object.keys(figures[0] ?? {})
  const lineOf = (cells: readonly (string | number | undefined)[]) => `| ${cells.join(' | ')} |`
  return [
    lineOf(names),
    `|${'---|'.repeat(names.length)}`,
    ...figures.map((row) => lineOf(names.map((name) => row[name]))),
  ].join('\n')
}

function line(row: ResultRow): string {
  const time = (ms: number, spread: readonly [number, number]) =>
    `${short(ms)} (${short(spread[0])}–${short(spread[1])})`
  const what = row.note === undefined ? row.what : `${row.what}; ${row.note}`
  const goal = row.goal === undefined ? '' : `${row.goal} ×`
  return `| ${what} | ${time(row.oursMs, row.oursSpread)} | ${row.rival}: ${time(row.rivalMs, row.rivalSpread)} | ${row.ratio.toFixed(1)} × | ${goal} |`
}

function short(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 1 ? ms.toFixed(2) : ms.toFixed(3)
}
