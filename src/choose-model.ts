import { type Choice, type ChooseOptions, choose } from './core/choose.ts'
import type { ChooseDocument } from './core/choose-queries.ts'
import { namedModel } from './registry.ts'
import type { Collection } from './spec/collection.ts'
import { InvalidArgumentError } from './spec/errors.ts'
import type { EmbeddingModel } from './spec/model.ts'

/** Sources read at once. */
const page = 1000

/**
 * Measure models on your own documents and say which to take: see `ChooseOptions` and `Choice`.
 *
 * @param input - A collection, or documents with ids each once.
 * @param models - Names as for `open`, each once.
 * @throws {InvalidArgumentError} when there is nothing to ask for or to choose from, or an option is out of range.
 * @throws {NotFoundError} when there is no such model.
 *
 * Cost: each model's, for all documents and queries.
 */
export async function chooseModel(
  input: Collection | readonly ChooseDocument[],
  models: readonly string[],
  options: ChooseOptions = {},
): Promise<Choice> {
  const twice = models.find((name, i) => models.indexOf(name) < i)
  if (twice !== undefined) throw new InvalidArgumentError('models', 'each once', twice)
  const documents = Array.isArray(input) ? (input as readonly ChooseDocument[]) : await documentsOf(input as Collection)
  const loaded = new Map<string, EmbeddingModel>()
  try {
    for (const name of models) loaded.set(name, await namedModel(name))
    return await choose(documents, loaded, options)
  } finally {
    for (const model of loaded.values()) await model.close?.()
  }
}

async function documentsOf(collection: Collection): Promise<ChooseDocument[]> {
  const documents: ChooseDocument[] = []
  for (let offset = 0; ; offset += page) {
    const sources = await collection.list({ offset, limit: page })
    for (const { id } of sources) {
      const source = await collection.get(id)
      if (source !== undefined) documents.push({ id, title: source.title, text: source.text })
    }
    if (sources.length < page) return documents
  }
}
