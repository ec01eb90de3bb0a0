/**
 * Rivals of the benchmarks, pinned, in .cache/rivals (a Python venv) and .cache/rivals-npm: `node bench/rivals/setup.ts`.
 * Each is loaded once at the end; one that could not be installed here is named with the reason, and its benches say so too.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { npmRival } from './npm.ts'

/** Package with its version, and the module it is imported as. */
const python = [
  ['numpy==2.4.6', 'numpy'],
  ['faiss-cpu==1.15.1', 'faiss'],
  ['scikit-learn==1.9.1', 'sklearn'],
  ['umap-learn==0.5.12', 'umap'],
  ['openTSNE==1.0.4', 'openTSNE'],
  ['hdbscan==0.8.44', 'hdbscan'],
  ['gensim==4.4.0', 'gensim'],
  ['semhash==0.5.0', 'semhash'],
  ['model2vec==0.10.0', 'model2vec'],
] as const
const npm = {
  usearch: '2.26.2',
  'umap-js': '1.4.0',
  'ml-kmeans': '7.0.1',
  '@orama/orama': '3.1.18',
  vectra: '0.15.0',
  'sqlite-vec': '0.1.9',
}
/** Compiles when it is installed; without a compiler or Node's headers npm leaves it out and goes on. */
const compiled = { 'hnswlib-node': '3.0.0' }

const venv = fileURLToPath(new URL('../../.cache/rivals/', import.meta.url))
const folder = fileURLToPath(new URL('../../.cache/rivals-npm/', import.meta.url))
const interpreter = `${venv}bin/python`
let missing = 0

if (!existsSync(interpreter)) run('python3', ['-m', 'venv', venv])
const pip = (packages: readonly string[]) =>
  run(interpreter, ['-m', 'pip', 'install', '--quiet', '--prefer-binary', ...packages])
if (!pip(python.map(([name]) => name))) for (const [name] of python) pip([name])
for (const [name, module] of python) {
  const { status, stderr } = spawnSync(interpreter, ['-c', `import ${module}`], { encoding: 'utf8' })
  report(name, status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? 'it does not load'))
}

mkdirSync(folder, { recursive: true })
const manifest = {
  private: true,
  dependencies: npm,
  optionalDependencies: compiled,
  allowScripts: { 'hnswlib-node': true, usearch: true, protobufjs: false },
}
writeFileSync(`${folder}package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
run('npm', ['install', '--no-audit', '--no-fund'], folder)
for (const [name, version] of Object.entries({ ...npm, ...compiled })) {
  try {
    await npmRival(name)
    report(`${name}@${version}`)
  } catch (error) {
    report(`${name}@${version}`, error instanceof Error ? error.message : String(error))
  }
}
if (missing > 0) process.exitCode = 1

function run(command: string, args: readonly string[], cwd?: string): boolean {
  console.log(command, ...args)
  return spawnSync(command, args, { stdio: 'inherit', cwd }).status === 0
}

function report(name: string, problem?: string): void {
  if (problem !== undefined) missing++
  console.log(problem === undefined ? `${name}: loads` : `${name}: left out, ${problem}`)
}
