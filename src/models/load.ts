import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, NotFoundError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { parseLocalName } from './local-names.ts'
import { readModelFile } from './model-files.ts'
import { readStaticFolder } from './static-folder.ts'
import { createStaticModel } from './static-model.ts'
import type { TransformerOptions } from './transformer.ts'

/** The folder of the model that the package carries. */
export const starterFolder = fileURLToPath(new URL('../../models/starter', import.meta.url))

/**
 * Open a local model: the starter by default, any folder with a static model or a transformer in ONNX, or a model that was
 * pulled from the hub. Nothing is ever downloaded here.
 *
 * @param name - `starter`, the path of a folder, or a pulled model's name; after it `?dtype=int8`, `?dimensions=256` or
 *   both, joined by `&`, for transformers. @default 'starter'
 * @param options - For transformers; what the name says counts.
 * @throws {NotFoundError} when there is no such folder, or nothing in it that is a model; with the way to pull a known one.
 */
export async function loadModel(name = 'starter', options: TransformerOptions = {}): Promise<EmbeddingModel> {
  const { name: place, dtype, dimensions } = parseLocalName(name)
  const folder = place === 'starter' ? starterFolder : await folderOf(place)
  const table = await readStaticFolder(folder)
  if (table !== undefined) {
    if (dtype !== undefined || dimensions !== undefined)
      throw new InvalidArgumentError('model', 'a name without ?, as static models have one form', name)
    return createStaticModel(table, table.name ?? basename(resolve(folder)))
  }
  if ((await readModelFile(folder, 'config.json')) !== undefined) {
    const { loadTransformer } = await import('./transformer.ts')
    return loadTransformer(folder, {
      ...options,
      dtype: dtype ?? options.dtype,
      dimensions: dimensions ?? options.dimensions,
    })
  }
  throw new NotFoundError(
    'model',
    name,
    'A model folder holds tokenizer.json and model.safetensors (static), or config.json, tokenizer.json and onnx/model.onnx (transformer).',
  )
}

/** The folder itself, or the one a model of this name was pulled into. @throws {NotFoundError} */
export async function folderOf(place: string): Promise<string> {
  if (await isFolder(place)) return place
  const { hubIdOf, pulledFolder } = await import('./pulled.ts')
  const pulled = await pulledFolder(place)
  if (pulled !== undefined) return pulled
  const id = hubIdOf(place)
  throw new NotFoundError(
    'model',
    place,
    id === undefined
      ? 'Name `starter`, or the path of a folder that holds a model.'
      : `Bring it here first: vecino pull ${id}. Nothing is downloaded before that.`,
  )
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
