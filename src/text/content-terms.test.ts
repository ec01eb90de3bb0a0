import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentTerms } from './content-terms.ts'

function wordsOf(text: string): string[] {
  return (contentTerms([text])[0] as (string | undefined)[]).filter((word) => word !== undefined)
}

test('addresses, the targets of links, tags and templates are not spoken', () => {
  const text =
    'The [open policy](/2015/03/open-source-policy/) of <img src="/assets/logo.png" alt="x"> the agency is at https://example.gov/why-we-do (or www.example.gov) {{ site.baseurl }} {% include hackers.html %} and was praised.'
  assert.deepEqual(wordsOf(text), ['open', 'policy', 'agency', 'praised'])
})

test('a comparison is no tag, and words in brackets stay', () => {
  assert.deepEqual(wordsOf('The vectors of a query (rows) < the columns, and it is > zero'), [
    'vectors',
    'query',
    'rows',
    'columns',
    'zero',
  ])
})

test('words that English runs together with a stop word are stop words', () => {
  assert.deepEqual(wordsOf('We’re sure that you’ll see the agency’s partners who’ve been there, and they’d love it'), [
    'sure',
    'see',
    'agency’s',
    'partners',
    'love',
  ])
})
