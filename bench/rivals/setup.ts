/** Rivals of the benchmarks, pinned, in .cache/rivals (a Python venv) and .cache/rivals-npm: `node bench/rivals/setup.ts`. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const python = [
  'numpy==2.4.6',
  'faiss-cpu==1.15.1',
  'scikit-learn==1.9.1',
  'umap-learn==0.5.12',
  'openTSNE==1.0.4',
  'hdbscan==0.8.44',
  'gensim==4.4.0',
  'semhash==0.5.0',
  'model2vec==0.10.0',
]
const npm = {
  usearch: '2.26.2',
  'hnswlib-node': '3.0.0',
  'umap-js': '1.4.0',
  'ml-kmeans': '7.0.1',
  '@orama/orama': '3.1.18',
  vectra: '0.15.0',
  'sqlite-vec': '0.1.9',
}

const venv = fileURLToPath(new URL('../../.cache/rivals/', import.meta.url))
const folder = fileURLToPath(new URL('../../.cache/rivals-npm/', import.meta.url))

if (!existsSync(`${venv}bin/python`)) run('python3', ['-m', 'venv', venv])
run(`${venv}bin/python`, ['-m', 'pip', 'install', '--quiet', '--prefer-binary', ...python])
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}package.json`, JSON.stringify({ private: true, dependencies: npm }, null, 2))
run('npm', ['install', '--no-audit', '--no-fund'], folder)

function run(command: string, args: string[], cwd?: string): void {
  console.log(command, ...args)
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd })
  if (status !== 0) process.exit(status ?? 1)
}
