import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NotFoundError } from '../spec/errors.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { readModelFile } from './model-files.ts'
import { readStaticFolder } from './static-folder.ts'
import { createStaticModel } from './static-model.ts'
import type { TransformerOptions } from './transformer.ts'

/** The folder of the model that the package carries. */
const starterFolder = fileURLToPath(new URL('../../models/starter', import.meta.url))

/**
 * Open a local model: the starter by default, or any folder with a static model or a transformer in ONNX.
 *
 * @param nameOrFolder - `starter`, or the path of a folder. @default 'starter'
 * @param options - For transformers: which graph, how many threads.
 * @throws {NotFoundError} when there is no such folder, or nothing in it that is a model.
 */
export async function loadModel(nameOrFolder = 'starter', options: TransformerOptions = {}): Promise<EmbeddingModel> {
  const folder = nameOrFolder === 'starter' ? starterFolder : nameOrFolder
  if (!(await isFolder(folder)))
    throw new NotFoundError('model', nameOrFolder, 'Name `starter`, or the path of a folder that holds a model.')
  const table = await readStaticFolder(folder)
  if (table !== undefined) return createStaticModel(table, table.name ?? basename(resolve(folder)))
  if ((await readModelFile(folder, 'config.json')) !== undefined) {
    const { loadTransformer } = await import('./transformer.ts')
    return loadTransformer(folder, options)
  }
  throw new NotFoundError(
    'model',
    nameOrFolder,
    'A model folder holds tokenizer.json and model.safetensors (static), or config.json, tokenizer.json and onnx/model.onnx (transformer).',
  )
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
