/**
 * How do PCA and truncated SVD compare with scikit-learn's, with the same numbers? One thread each:
 * `node bench/pca.bench.ts [rows] [components]`, default 20000 50. Needs `node bench/rivals/setup.ts`.
 */
import { readFileSync } from 'node:fs'
import { pca } from '../src/kernels/pca.ts'
import { truncatedSvd } from '../src/kernels/truncated-svd.ts'
import { compareInTurn, type ResultRow, saveResults, shareVectors, startPython, timed } from './harness.ts'
import { realVectors } from './vectors.ts'

const [size = 20_000, components = 50] = process.argv.slice(2).map(Number)
const rounds = 5
const threads = 1
const matrix = await realVectors(size)
const python = startPython('clustering_server.py')
const path = shareVectors('pca', matrix.data)
const loaded = await python.ask({ op: 'load', rows: path, columns: matrix.columns, threads })
const rows: ResultRow[] = []

for (const method of ['exact', 'randomized'] as const) {
  const cases = [
    { name: 'PCA', op: 'pca', solver: method === 'exact' ? 'covariance_eigh' : 'randomized', fit: pca },
    { name: 'truncated SVD', op: 'svd', solver: method === 'exact' ? 'arpack' : 'randomized', fit: truncatedSvd },
  ]
  for (const { name, op, solver, fit } of cases) {
    const request = { op, solver, components, axes: `${path}.axes` }
    const ours = await fit(matrix, { components, method, threads })
    const theirs = (await python.ask(request))['singularValues'] as number[]
    const values = Math.max(...theirs.map((value, i) => Math.abs((ours.singularValues[i] as number) / value - 1)))
    const axes = new Float32Array(Uint8Array.from(readFileSync(request.axes)).buffer)
    const entries = axes.reduce((most, value, i) => Math.max(most, Math.abs(value - (ours.components.data[i] ?? 0))), 0)
    const times = await compareInTurn(
      rounds,
      () => timed(() => fit(matrix, { components, method, threads })),
      async () => (await python.ask(request)).ms,
    )
    const close = `largest difference of a singular value ${(100 * values).toPrecision(2)} %`
    // Random axes agree in the space they span, the last of them not one by one.
    const note = method === 'exact' ? `${close}, of an entry of an axis ${entries.toExponential(1)}` : close
    rows.push({
      what: `${name} of ${size.toLocaleString('en')} × ${matrix.columns}, ${components} components, ${method}`,
      rival: `scikit-learn, ${solver}`,
      note,
      ...times,
    })
  }
}
python.close()
saveResults('pca', {
  question: 'How do PCA and truncated SVD compare with scikit-learn’s?',
  command: ['node bench/pca.bench.ts', ...process.argv.slice(2)].join(' '),
  versions: { 'scikit-learn': String(loaded['sklearn']), numpy: String(loaded['numpy']) },
  rows,
  notes: [
    'One thread each. Both sum in float32, ours in runs of 256 rows that are summed in float64 and give the same bytes on every machine. Asked for random axes, ours takes the exact ones where they are less work, as here.',
  ],
})
