import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { htmlPage } from './html-page.ts'

const digest = (text: string) => createHash('sha256').update(text).digest('base64')

test('a page allows its own style and script by their digests and nothing else', () => {
  const page = htmlPage({ title: 'a <b>', style: 'p { margin: 0 }', body: '<p>x</p>', script: 'run()' })
  assert.match(page, /<title>a &lt;b&gt;<\/title>/)
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]
  assert.equal(
    policy,
    `default-src 'none'; script-src 'sha256-${digest('run()')}'; style-src 'sha256-${digest('p { margin: 0 }')}'; base-uri 'none'; form-action 'none'`,
  )
})

test('a page without a script allows none', () => {
  const page = htmlPage({ title: 'a', style: '', body: '' })
  assert.ok(!page.includes('script'))
})
