import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as vecino from '../src/index.ts'
import * as providers from '../src/providers/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')
const manifest = JSON.parse(read('package.json'))

test('the library page names every export, and nothing else', () => {
  const page = read('docs/library.md')
  const named = new Set([...page.matchAll(/`([A-Za-z][A-Za-z0-9]*)(?:\([^`]*)?`/g)].map(([, name]) => name))
  const missing = Object.keys(vecino).filter((name) => !named.has(name))
  assert.deepEqual(missing, [])
  const functions = [...page.matchAll(/^\| `([A-Za-z0-9]+)\(/gm)].map(([, name]) => name as string)
  assert.deepEqual(
    functions.filter((name) => !(name in vecino)),
    [],
  )
})

test('every entry of the package stands for a source file', () => {
  for (const [entry, target] of Object.entries<string | { default: string }>(manifest.exports)) {
    if (typeof target === 'string') continue
    const source = target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')
    assert.ok(existsSync(`${root}${source}`), `${entry} → ${source}`)
  }
})

test('every provider is in the registry and on the models page', () => {
  const registered = [...read('src/registry.ts').matchAll(/import\('\.\/providers\/([a-z-]+)\.ts'\)\)\.(\w+)/g)]
  const makers = Object.keys(providers).filter((name) => /^(?!to|from).*(Model|Reranker)$/.test(name))
  assert.deepEqual([...new Set(registered.map(([, , maker]) => maker))].sort(), makers.sort())
  const page = read('docs/models.md')
  for (const [, name, maker] of registered)
    assert.ok(page.includes(`\`${name}`) || page.includes(`\`${maker}(`), `docs/models.md does not name ${maker}`)
})

test('every store stands in the architecture', () => {
  const page = read('ARCHITECTURE.md')
  for (const store of readdirSync(`${root}src/stores`))
    assert.ok(page.includes(`stores/${store.replace(/\.ts$/, '')}`), store)
})
