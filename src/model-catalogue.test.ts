import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listModels } from './model-catalogue.ts'
import { knownLocalModels } from './models/known-local-models.ts'
import { loadModel } from './models/load.ts'
import { knownOpenModel } from './providers/known-models.ts'

test('the list names each model once, with a date beside every score and price', async () => {
  const models = await listModels()
  assert.equal(new Set(models.map(({ name }) => name)).size, models.length)
  for (const { name, mteb, mtebDate, usdPerMillionTokens, pricedOn } of models) {
    assert.equal(mteb === null, mtebDate === null, name)
    if (usdPerMillionTokens !== null) assert.match(pricedOn ?? '', /^\d{4}-\d{2}$/, name)
  }
})

test('the starter stands in the list as it is', async () => {
  const [listed] = await listModels()
  const { passport } = await loadModel('starter')
  assert.equal(listed?.name, 'starter')
  assert.equal(listed?.dimensions, passport.dimensions)
  assert.equal(listed?.maxTokens, passport.maxTokens)
})

test('a model has the same prompts whether it runs here or behind a server', () => {
  for (const { model, prompts, dimensions } of knownLocalModels) {
    const open = knownOpenModel(model)
    if (open === undefined) continue
    assert.equal(open.dimensions, dimensions, model)
    assert.equal(open.prompts.query ?? '', prompts.query, model)
    assert.equal(open.prompts.document ?? '', prompts.document, model)
  }
})
