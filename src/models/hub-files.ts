import { UnsupportedError } from '../spec/errors.ts'
import { chooseGraph, type GraphDtype } from './graph-files.ts'

/** A file of a model's repository or folder. */
export interface HubFile {
  /** Path within it, `/` between. */
  readonly path: string
  readonly sizeBytes: number
  /** Of files kept in large-file storage. */
  readonly sha256?: string | undefined
  /** Git's object id of the others. */
  readonly blobId?: string | undefined
}

const settings = new Set([
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'modules.json',
  'config_sentence_transformers.json',
])

/**
 * The files of a model that are needed to run it here, and no others: settings, tokenizer, one graph.
 *
 * @param isStatic - Whether it is a table of vectors (Model2Vec), which needs no graph.
 * @throws {UnsupportedError} for a model without ONNX, with the reason, or without tokenizer.json.
 */
export function filesToPull(files: readonly HubFile[], dtype: GraphDtype, model: string, isStatic: boolean): HubFile[] {
  const paths = files.map(({ path }) => path)
  const weights = isStatic ? 'model.safetensors' : chooseGraph(paths, dtype, model)
  if (!paths.includes('tokenizer.json'))
    throw new UnsupportedError(
      model,
      'tokenizer.json',
      'none',
      "Save one with the Python package: AutoTokenizer.from_pretrained('<model>').save_pretrained('<folder>').",
    )
  return files.filter(
    ({ path }) =>
      settings.has(path) ||
      /^sentence_[a-z-]+_config\.json$/.test(path) ||
      /^\d+_[A-Za-z]+\/(config\.json|model\.safetensors)$/.test(path) ||
      path === weights ||
      isPartOf(path, weights),
  )
}

/** Weights beside a graph: `model.onnx_data`, `model.onnx.data`, `model.onnx_data_1`. */
function isPartOf(path: string, graph: string): boolean {
  return path.startsWith(graph) && /^(_data|\.data|_data_\d+)$/.test(path.slice(graph.length))
}
