import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { InvalidArgumentError, UnreadableInputError } from '../../spec/errors.ts'
import { webFolder } from './files.ts'
import { loadTransformer } from './load-transformer.ts'

/** As in a page at an address, whose server answers so. */
function pageAt(t: TestContext, href: string, answer: () => Response): RequestInit[] {
  const asked: RequestInit[] = []
  Object.defineProperty(globalThis, 'location', { value: { href }, configurable: true })
  t.after(() => Reflect.deleteProperty(globalThis, 'location'))
  t.mock.method(globalThis, 'fetch', async (_: URL, init: RequestInit) => {
    asked.push(init)
    return answer()
  })
  return asked
}

test('a page asks its own origin only, whatever the server or the folder would lead it to', async (t) => {
  const asked = pageAt(t, 'https://own.example/app/', () => new Response('{}'))
  const folder = webFolder('models/minilm')
  assert.equal(folder.place, 'https://own.example/app/models/minilm')
  await folder.read('config.json')
  await folder.read('//other.example/config.json')
  assert.deepEqual(asked, [{ mode: 'same-origin' }, { mode: 'same-origin' }])
})

test('an answer that breaks off is unreadable, by its address', async (t) => {
  const broken = () => new Response(new ReadableStream({ pull: (it) => it.error(new Error('gone')) }))
  pageAt(t, 'https://own.example/', broken)
  await assert.rejects(webFolder('/minilm').read('config.json'), (error) => {
    return error instanceof UnreadableInputError && error.message.includes('https://own.example/minilm/config.json')
  })
})

test('a folder with a query is refused: no file of it would be asked for with the query', (t) => {
  pageAt(t, 'https://own.example/', () => new Response('{}'))
  assert.throws(() => webFolder('/minilm?key=1'), InvalidArgumentError)
})

test('where the address says no name, one is asked for', async (t) => {
  const asked = pageAt(t, 'https://own.example/', () => new Response('', { status: 404 }))
  for (const root of ['/', '.', 'https://own.example'])
    await assert.rejects(loadTransformer(root), /options\.name: expected the model's name/)
  assert.equal(asked.length, 0)
})
