import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { miniLmFolder } from '../../test/support/mini-lm.ts'

const skip = existsSync(miniLmFolder) ? false : 'the shared MiniLM folder is not on this machine'

/** Run a program in which packages are not installed. */
async function runWithout(packages: readonly string[], program: string): Promise<string> {
  const hooks = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (${JSON.stringify(packages)}.includes(name.split('/')[0]))
    throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)
} })`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    `data:text/javascript,${encodeURIComponent(hooks)}`,
    '--eval',
    `import { loadTransformer } from ${JSON.stringify(new URL('./transformer.ts', import.meta.url).href)}
const folder = ${JSON.stringify(miniLmFolder)}
${program}`,
  ])
  return stdout
}

test('without onnxruntime-node, onnxruntime-web runs the graph, on as many threads as asked for', {
  skip,
}, async () => {
  const found = await runWithout(
    ['onnxruntime-node'],
    `const texts = ['A cat sat.', 'Two dogs ran away.', 'The committee met on Tuesday to vote.']
const all = []
for (const threads of [1, 2]) {
  const model = await loadTransformer(folder, { dtype: 'int8', threads })
  const { vectors } = await model.embed(texts, { task: 'document' })
  all.push([model.passport.dtype, ...vectors.data])
  await model.close()
}
console.log(JSON.stringify(all))`,
  )
  const [one, two] = JSON.parse(found)
  assert.equal(one[0], 'int8-static-wasm')
  assert.equal(one.length, 1 + 3 * 384)
  assert.deepEqual(two, one)
})

test('without either, the one to install is named', { skip }, async () => {
  const program = 'await loadTransformer(folder).catch((error) => console.log(error.name, error.message))'
  const said = await runWithout(['onnxruntime-node', 'onnxruntime-web'], program)
  assert.match(said, /^MissingDependencyError transformer models: cannot import `onnxruntime-node`\. Install it: /)
})
