import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

test('vecino/web is bundled for a page as it is, and imports nothing but onnxruntime-web', async () => {
  const { metafile, warnings } = await build({
    entryPoints: [fileURLToPath(new URL('../src/web.ts', import.meta.url))],
    bundle: true,
    write: false,
    outdir: 'bundle',
    format: 'esm',
    platform: 'browser',
    external: ['onnxruntime-web'],
    metafile: true,
    logLevel: 'silent',
  })
  assert.deepEqual(warnings, [])
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external))
  assert.deepEqual([...new Set(outside.map(({ path }) => path))], ['onnxruntime-web/wasm'])
})
