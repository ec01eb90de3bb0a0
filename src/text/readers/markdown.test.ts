import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAs } from '../fixtures/read-text.ts'

const post = `---
title: "A *post* <em>x</em>"
tags: [x, y]
deep:
  a: 1
---

# Heading

Words.
`

test('front matter becomes title and metadata, and the text is the body below it', async () => {
  const { documents, notices } = await readAs('markdown', post)
  const [document] = documents
  assert.equal(document?.title, 'A post x')
  assert.deepEqual({ ...document?.metadata }, { tags: ['x', 'y'], deep: 'a: 1' })
  assert.equal(document?.text, post.slice(post.indexOf('\n# Heading')))
  assert.equal(document?.lineAt(document.text.indexOf('Words')), 10)
  assert.equal(notices[0]?.kind, 'note')
})

test('without a title in the front matter the only heading of level 1 is the title', async () => {
  const titleOf = async (text: string) => (await readAs('markdown', text)).documents[0]?.title
  assert.equal(await titleOf('intro\n\n# The *one* [title](x)\n\n## more\n'), 'The one title')
  assert.equal(await titleOf('Title\n=====\ntext'), 'Title')
  assert.equal(await titleOf('# a\n\n# b\n'), undefined)
  assert.equal(await titleOf('```\n# no\n```\ntext'), undefined)
  assert.equal(await titleOf('only text'), undefined)
})
