/**
 * The package as a user gets it: packed, installed into an empty folder without running any script, then used by
 * command line, by library and by types. Holds the install to its budget.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vecino-package-'))

function run(cwd: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

function sizeOf(path: string): number {
  const facts = statSync(path)
  return facts.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : facts.size
}

try {
  run(root, process.execPath, ['scripts/build.ts'])
  const [packed] = JSON.parse(run(root, 'npm', ['pack', '--json', '--pack-destination', folder]))
  const files: string[] = packed.files.map((file: { path: string }) => file.path)
  assert.deepEqual(
    files.filter((file) => /\.test\.|\/assembly\/|^src\/|^test\/|^bench\/(?!(RESULTS|README)\.md$)/.test(file)),
    [],
    'the package holds nothing of the workshop',
  )

  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  run(folder, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, packed.filename)])
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  for (const name of installed.filter((name) => !name.startsWith('@'))) {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
    for (const script of ['preinstall', 'install', 'postinstall'])
      assert.equal(scripts[script], undefined, `${name} has a ${script} script`)
  }
  const megabytes = sizeOf(join(folder, 'node_modules')) / 1e6
  assert.ok(megabytes <= 32, `the install is ${megabytes.toFixed(1)} MB, more than 32`)
  assert.ok(installed.length <= 20, `the install is ${installed.length} packages, more than 20`)

  const vecino = join(folder, 'node_modules/.bin/vecino')
  assert.match(run(folder, vecino, ['try']), /returns/i)
  mkdirSync(join(folder, 'notes'))
  writeFileSync(join(folder, 'notes/tea.md'), '# Tea\n\nSteep green tea for two minutes.\n')
  writeFileSync(join(folder, 'notes/bike.md'), '# Bicycle\n\nOil the chain every month.\n')
  run(folder, vecino, ['add', 'notes'])
  const answer = JSON.parse(run(folder, vecino, ['search', 'how long to brew a hot drink', '--json']))
  assert.equal(answer.hits[0].source, 'tea.md')

  writeFileSync(
    join(folder, 'use.mts'),
    `import { embed, cosineSimilarity, open, type Hit } from 'vecino'
const { data, columns } = await embed(['a cat', 'a kitten'])
const likeness: number = cosineSimilarity(data.subarray(0, columns), data.subarray(columns))
const notes = await open('library.vecino')
await notes.add([{ id: 'a', text: 'Oil the chain every month.' }, { id: 'b', text: 'Steep green tea for two minutes.' }])
const hits: Hit[] = await notes.search('brewing', { topK: 1, mode: 'semantic' })
await notes.close()
console.log(JSON.stringify({ likeness, first: hits[0]?.id }))
`,
  )
  run(folder, join(root, 'node_modules/.bin/tsc'), [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--skipLibCheck',
    '--types',
    '',
    'use.mts',
  ])
  const used = JSON.parse(run(folder, process.execPath, ['use.mts']))
  assert.ok(used.likeness > 0.5 && used.likeness < 1)
  assert.equal(used.first, 'b')

  console.log(
    `packed ${(packed.size / 1e6).toFixed(1)} MB; installed ${megabytes.toFixed(1)} MB, ${installed.length} packages, no install scripts`,
  )
  console.log('1 passed, 0 failed')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
