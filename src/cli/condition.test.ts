import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError } from '../spec/errors.ts'
import { matchesFilter } from '../spec/filter.ts'
import { parseCondition } from './condition.ts'

const parse = (text: string) => parseCondition(text, '--where')

test('a condition becomes the filter that its operator means', () => {
  assert.deepEqual(parse('lang=en'), { field: 'lang', eq: 'en' })
  assert.deepEqual(parse('price<10'), { field: 'price', lt: 10 })
  assert.deepEqual(parse('price <= 10.5'), { field: 'price', lte: 10.5 })
  assert.deepEqual(parse('date>2024-01-31'), { field: 'date', gt: '2024-01-31' })
  assert.deepEqual(parse('size>=-1e3'), { field: 'size', gte: -1000 })
  assert.deepEqual(parse('tag!=draft'), { not: { field: 'tag', eq: 'draft' } })
  assert.deepEqual(parse('draft'), { field: 'draft', exists: true })
  assert.deepEqual(parse('!draft'), { field: 'draft', exists: false })
})

test('a bare number or truth value matches metadata that kept it as such or as text; quotes make it text', () => {
  for (const kept of [2024, '2024']) assert.equal(matchesFilter(parse('year=2024'), 'a.md', { year: kept }), true)
  for (const kept of [true, 'true']) assert.equal(matchesFilter(parse('draft=true'), 'a.md', { draft: kept }), true)
  assert.equal(matchesFilter(parse('year="2024"'), 'a.md', { year: 2024 }), false)
  assert.equal(matchesFilter(parse("year='2024'"), 'a.md', { year: '2024' }), true)
})

test('the first operator splits, so that a value may hold others', () => {
  assert.deepEqual(parse('formula=a<b=c'), { field: 'formula', eq: 'a<b=c' })
  assert.deepEqual(parse("empty=''"), { field: 'empty', eq: '' })
})

test('what is no condition is refused by the name of the flag', () => {
  for (const text of ['', '=en', '<10', 'lang=', '!', '!a=b'])
    assert.throws(
      () => parse(text),
      (error) => error instanceof InvalidArgumentError && error.argument === '--where',
      text,
    )
})
