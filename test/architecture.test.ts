import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src', import.meta.url))

/** What each room may import from, itself aside. A room left out of the list of another is an arrow the wrong way. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  spec: [],
  kernels: ['spec'],
  text: ['spec'],
  models: ['spec', 'kernels', 'text'],
  analyses: ['spec', 'kernels', 'text'],
  evaluate: ['spec', 'kernels', 'text'],
  core: ['spec', 'kernels', 'text', 'models', 'analyses', 'evaluate'],
  providers: ['spec', 'kernels', 'text', 'models', 'core'],
  stores: ['spec', 'kernels', 'text', 'core'],
  testing: ['spec', 'core'],
  // The files at the top join the rooms: registry.ts, open.ts, embed.ts, index.ts.
  top: ['spec', 'kernels', 'text', 'models', 'analyses', 'evaluate', 'core', 'providers', 'stores'],
  cli: ['spec', 'kernels', 'text', 'models', 'analyses', 'evaluate', 'core', 'stores', 'top'],
}

interface Import {
  readonly file: string
  readonly target: string
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !['assembly', 'build'].includes(entry.name)) yield* sourceFiles(path)
    else if (entry.isFile() && entry.name.endsWith('.ts')) yield path
  }
}

function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const found = [...text.matchAll(/(?:from\s+|import\s+|import\()\s*['"](\.{1,2}\/[^'"]+)['"]/g)]
  return found.map(([, specifier]) => ({ file: path, target: resolve(dirname(path), specifier as string) }))
}

function roomOf(path: string): string {
  const [first = '', ...rest] = relative(source, path).split(sep)
  return rest.length === 0 ? 'top' : first
}

const files = [...sourceFiles(source)]

test('every room of src has its arrows written down', () => {
  const rooms = new Set(files.map(roomOf))
  assert.deepEqual([...rooms].filter((room) => !(room in arrows)).sort(), [])
})

function wrongArrows(imports: readonly Import[]): string[] {
  return imports
    .filter(({ file, target }) => {
      const from = roomOf(file)
      const to = roomOf(target)
      return from !== to && !(arrows[from] ?? []).includes(to)
    })
    .map(({ file, target }) => `${relative(source, file)} imports ${relative(source, target)}`)
}

test('imports between rooms follow the arrows', () => {
  const isTest = (file: string) => file.endsWith('.test.ts') || basename(file).startsWith('test-')
  const imports = files.filter((file) => !isTest(file)).flatMap(importsOf)
  assert.ok(imports.length > 0)
  assert.deepEqual(wrongArrows(imports), [])
})

test('an arrow the wrong way is seen', () => {
  const imports = [
    { file: join(source, 'spec/matrix.ts'), target: join(source, 'core/search.ts') },
    { file: join(source, 'core/search.ts'), target: join(source, 'spec/matrix.ts') },
  ]
  assert.deepEqual(wrongArrows(imports), ['spec/matrix.ts imports core/search.ts'])
})

test('every import names a file that is there', () => {
  const missing = files
    .flatMap(importsOf)
    .filter(({ target }) => !existsSync(target))
    .map(({ file, target }) => `${relative(source, file)} imports ${relative(source, target)}`)
  assert.deepEqual(missing, [])
})

test('the only packages imported are declared, and heavy ones are imported late', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const declared = Object.keys(manifest.dependencies)
  const optional = Object.keys(manifest.peerDependencies ?? {})
  assert.ok(declared.length <= 5, `at most 5 runtime dependencies, got ${declared.join(', ')}`)
  const problems: string[] = []
  for (const file of files.filter((path) => !path.endsWith('.test.ts'))) {
    const text = readFileSync(file, 'utf8')
    for (const [, kind, specifier = ''] of text.matchAll(
      /^(import type|import|export)\s[^'"\n]*?from\s+['"]([^.'"][^'"]*)['"]/gm,
    )) {
      const name = specifier.startsWith('@')
        ? specifier.split('/').slice(0, 2).join('/')
        : (specifier.split('/')[0] as string)
      if (specifier.startsWith('node:') || declared.includes(name)) continue
      if (optional.includes(name) && kind === 'import type') continue
      problems.push(`${relative(source, file)} imports ${specifier}`)
    }
  }
  assert.deepEqual(problems, [])
})
