import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { examine } from './examine.ts'

const secret = 'sk-planted-9f8e7d6c5b4a'

async function finding(name: string, environment: Record<string, string>, asksOllama = false) {
  return (await examine({ environment, asksOllama })).find((one) => one.name === name)
}

test('what is installed is named with its version, and used, not looked at', async () => {
  const findings = await examine({ environment: {} })
  for (const name of [
    'Node.js',
    'SQLite',
    'SQLite FTS5',
    'WASM SIMD',
    'WASM relaxed SIMD',
    'shared memory',
    'threads',
    'arithmetic',
    'starter model',
    'onnxruntime-node',
    'keys',
    'current folder',
  ])
    assert.ok(
      findings.some((one) => one.name === name),
      name,
    )
  assert.ok(findings.every(({ state, remedy }) => state === 'ok' || (remedy ?? '').length > 0))
  assert.ok(!findings.some(({ name }) => name === 'Ollama'))
})

test('the arithmetic in use is told, and one that there is not is refused', async () => {
  const before = process.env['VECINO_KERNELS']
  try {
    process.env['VECINO_KERNELS'] = 'typescript'
    assert.match((await finding('arithmetic', {}))?.detail ?? '', /^TypeScript, as VECINO_KERNELS asks, /)
    process.env['VECINO_KERNELS'] = 'fast'
    const refused = await finding('arithmetic', {})
    assert.equal(refused?.state, 'missing')
    assert.match(refused?.detail ?? '', /VECINO_KERNELS: expected 'typescript', 'simd' or 'relaxed', got "fast"/)
  } finally {
    if (before === undefined) delete process.env['VECINO_KERNELS']
    else process.env['VECINO_KERNELS'] = before
  }
})

test('keys are shown by name and never by value', async () => {
  const environment = { OPENAI_API_KEY: secret, VOYAGE_API_KEY: ` ${secret}\n` }
  const findings = await examine({ environment })
  assert.ok(!JSON.stringify(findings).includes(secret))
  const keys = findings.find(({ name }) => name === 'keys')
  assert.equal(keys?.detail, 'OPENAI_API_KEY (openai:…), VOYAGE_API_KEY (voyage:…)')
  assert.equal((await finding('keys', {}))?.state, 'optional')
  const odd = await finding('keys', { COHERE_API_KEY: `“${secret}”` })
  assert.equal(odd?.state, 'optional')
  assert.match(odd?.detail ?? '', /^COHERE_API_KEY holds a character that no key has/)
  assert.ok(!JSON.stringify(odd).includes(secret))
})

test('an address is shown by its host, and one that holds a password not at all', async () => {
  const name = 'OPENAI_COMPATIBLE_BASE_URL'
  assert.equal((await finding(name, { [name]: 'http://localhost:8080/v1' }))?.detail, 'localhost:8080')
  const bad = await finding(name, { [name]: `http://me:${secret}@host/v1` })
  assert.equal(bad?.state, 'optional')
  assert.ok(!JSON.stringify(bad).includes(secret))
})

test('Ollama is asked only where the user wants it, and what it has is told', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify(
        request.url === '/api/version'
          ? { version: '0.17.4' }
          : { models: [{ name: 'nomic-embed-text:latest' }, { name: 'llama3.2:3b' }] },
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const environment = { OLLAMA_HOST: `127.0.0.1:${(server.address() as AddressInfo).port}` }
  await examine({ environment })
  assert.deepEqual(asked, [])
  const found = await finding('Ollama', environment, true)
  assert.equal(found?.state, 'ok')
  assert.match(found?.detail ?? '', /^0\.17\.4 at 127\.0\.0\.1:\d+, 2 models, to embed: nomic-embed-text:latest$/)
  await new Promise((resolve) => server.close(resolve))
  const gone = await finding('Ollama', environment, true)
  assert.equal(gone?.state, 'optional')
  assert.match(gone?.remedy ?? '', /ollama serve/)
})
