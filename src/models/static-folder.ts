import { join } from 'node:path'
import { bestEngine } from '../kernels/wasm/features.ts'
import { CorruptDataError, NotFoundError, UnsupportedError } from '../spec/errors.ts'
import { loadTokenizer } from '../text/tokenizers/load.ts'
import type { Tokenizer } from '../text/tokenizers/tokenizer.ts'
import { scanVocabulary } from '../text/tokenizers/vocabulary-bytes.ts'
import type { Pooling } from './context-pooling.ts'
import { digestOf, onDisk, readModelFile } from './model-files.ts'
import { readModelJson, readModelJsonValue } from './model-folder.ts'
import { type PackedTable, readPackedTable } from './packed-table.ts'
import { readSafetensors, type Tensor, toFloat32, toInt32 } from './safetensors.ts'
import { kernelVocabularyScan } from './scan-vocabulary.ts'

/** A table of token vectors as its folder stores it. */
export interface StaticFolder {
  readonly tokenizer: Tokenizer
  /** The tensor `embeddings`: `rows × dimensions`, or the first columns where there is a packed table; int8 rows stay int8. */
  readonly table: Int8Array | Float32Array
  readonly rows: number
  readonly dimensions: number
  /** More columns, and rows of phrases, after those of the tokens. */
  readonly packed: PackedTable | undefined
  /** Row of each token; undefined when token and row are the same number. */
  readonly rowOfToken: Int32Array | undefined
  /** Factor of each token; undefined when all are 1. */
  readonly weights: Float32Array | undefined
  readonly normalize: boolean
  /** Weights by context, for tables trained with them; undefined for a plain mean. */
  readonly pooling: Pooling | undefined
  /** Tokens beyond which the folder says texts are cut; null where it says nothing. */
  readonly maxTokens: number | null
  readonly dtype: 'float32' | 'float16' | 'int8'
  readonly name: string | undefined
  readonly weightsDigest: string
  readonly tokenizerDigest: string
}

const remedy = 'Take the folder from its source again.'

/**
 * Read a static model in any of the layouts of Model2Vec and sentence-transformers, tried in this order:
 * `config.json` beside model.safetensors (tensor `embeddings`); `config_sentence_transformers.json` beside it
 * (tensor `embedding.weight`); the same under `0_StaticEmbedding/`.
 *
 * @returns undefined when the folder holds none of them.
 * @throws {CorruptDataError} when sizes, ids or values do not fit each other.
 */
export async function readStaticFolder(folder: string): Promise<StaticFolder | undefined> {
  for (const path of ['', '0_StaticEmbedding']) {
    const inner = join(folder, path)
    const bytes = await readModelFile(inner, 'model.safetensors')
    if (bytes === undefined) continue
    const place = join(inner, 'model.safetensors')
    const { tensors } = readSafetensors(bytes, place)
    const embeddings = tensors.get('embeddings') ?? tensors.get('embedding.weight')
    if (embeddings === undefined) continue
    const config = (await readModelJson(onDisk(inner), 'config.json')) ?? {}
    const scan = bestEngine() === 'typescript' ? scanVocabulary : await kernelVocabularyScan()
    const [{ tokenizer, digest }, normalize, card] = await Promise.all([
      loadTokenizer(inner, scan),
      readNormalize(folder, config),
      readModelJson(onDisk(folder), 'vecino.json'),
    ])
    const stored = readTable(embeddings, place)
    const packed = readPackedTable(tensors, stored.rows, stored.dimensions, place)
    const table = { ...stored, dimensions: packed?.phraseRows.spreads.length ?? stored.dimensions }
    const pooling = readPooling(card, table, tensors.has('weights'), join(folder, 'vecino.json'))
    if (packed !== undefined && (pooling === undefined || tensors.has('mapping')))
      throw new UnsupportedError(`${place}, phrases`, 'pooling in vecino.json and no mapping', 'another table')
    return {
      tokenizer,
      ...table,
      packed,
      ...readTokenTensors(tensors, embeddings, tokenizer, place),
      normalize,
      pooling,
      maxTokens: typeof config['max_length'] === 'number' ? config['max_length'] : null,
      name: typeof card?.['name'] === 'string' ? card['name'] : undefined,
      weightsDigest: pooling === undefined ? digestOf(bytes) : digestOf(bytes, JSON.stringify(pooling)),
      tokenizerDigest: digest,
    }
  }
  return undefined
}

/** @throws {NotFoundError} when the folder is not a static model. */
export async function requireStaticFolder(folder: string): Promise<StaticFolder> {
  const found = await readStaticFolder(folder)
  if (found === undefined)
    throw new NotFoundError(
      'static model',
      folder,
      'Choose a folder with model.safetensors (tensor `embeddings`) and tokenizer.json.',
    )
  return found
}

function readTable(tensor: Tensor, place: string): Pick<StaticFolder, 'table' | 'rows' | 'dimensions' | 'dtype'> {
  const [rows, dimensions] = tensor.shape
  if (tensor.shape.length !== 2 || rows === undefined || dimensions === undefined || rows < 1 || dimensions < 1)
    throw new CorruptDataError(
      place,
      'embeddings of two dimensions, none of them 0',
      `shape ${tensor.shape.join(' × ')}`,
      { remedy },
    )
  if (tensor.dtype === 'I8') {
    const table = new Int8Array(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.length)
    return { table, rows, dimensions, dtype: 'int8' }
  }
  if (tensor.dtype !== 'F32' && tensor.dtype !== 'F16')
    throw new UnsupportedError(`${place}, embeddings`, 'F32, F16 or I8', tensor.dtype)
  const table = toFloat32(tensor, place)
  for (let i = 0; i < table.length; i++) {
    const value = table[i] as number
    if (value - value !== 0)
      throw new CorruptDataError(`${place}, row ${Math.floor(i / dimensions)}`, 'finite values', String(value), {
        remedy,
      })
  }
  return { table, rows, dimensions, dtype: tensor.dtype === 'F16' ? 'float16' : 'float32' }
}

function readPooling(
  card: Record<string, unknown> | undefined,
  { dtype, dimensions }: Pick<StaticFolder, 'dtype' | 'dimensions'>,
  hasWeights: boolean,
  place: string,
): Pooling | undefined {
  const pooling = card?.['pooling'] as Partial<Pooling> | undefined
  if (pooling === undefined) return undefined
  const { damping, halfAt } = pooling
  if (typeof damping !== 'number' || !(damping >= 0 && damping <= 1) || typeof halfAt !== 'number' || !(halfAt > 0))
    throw new CorruptDataError(`${place}, pooling`, 'damping in [0, 1] and halfAt > 0', JSON.stringify(pooling), {
      remedy,
    })
  if (dtype !== 'int8' || hasWeights || dimensions % 16 !== 0 || dimensions > 1024)
    throw new UnsupportedError(
      `${place}, pooling`,
      'an int8 table without weights, of 16 to 1024 columns in steps of 16',
      `${dtype}, ${dimensions} columns${hasWeights ? ', weights' : ''}`,
    )
  return { damping, halfAt }
}

function readTokenTensors(
  tensors: ReadonlyMap<string, Tensor>,
  embeddings: Tensor,
  tokenizer: Tokenizer,
  place: string,
): Pick<StaticFolder, 'rowOfToken' | 'weights'> {
  const rows = embeddings.shape[0] as number
  const mapping = tensors.get('mapping')
  const weightTensor = tensors.get('weights')
  const rowOfToken = mapping === undefined ? undefined : toInt32(mapping, `${place}, mapping`)
  const weights = weightTensor === undefined ? undefined : toFloat32(weightTensor, `${place}, weights`)
  if (rowOfToken === undefined && rows !== tokenizer.size)
    throw new CorruptDataError(place, `${tokenizer.size} rows, one a token`, `${rows}`, { remedy })
  if (rowOfToken !== undefined) {
    if (rowOfToken.length < tokenizer.size)
      throw new CorruptDataError(`${place}, mapping`, `${tokenizer.size} entries`, `${rowOfToken.length}`, { remedy })
    const outside = rowOfToken.findIndex((row) => row < 0 || row >= rows)
    if (outside >= 0)
      throw new CorruptDataError(
        `${place}, mapping ${outside}`,
        `a row from 0 to ${rows - 1}`,
        `${rowOfToken[outside]}`,
        { remedy },
      )
  }
  if (weights !== undefined) {
    if (weights.length < tokenizer.size)
      throw new CorruptDataError(`${place}, weights`, `${tokenizer.size} entries`, `${weights.length}`, { remedy })
    const bad = weights.findIndex((weight) => weight - weight !== 0)
    if (bad >= 0) throw new CorruptDataError(`${place}, weight ${bad}`, 'a finite value', `${weights[bad]}`, { remedy })
  }
  return { rowOfToken, weights }
}

/** Model2Vec says it in config.json, sentence-transformers by a Normalize module. */
async function readNormalize(folder: string, config: Record<string, unknown>): Promise<boolean> {
  if (typeof config['normalize'] === 'boolean') return config['normalize']
  const modules = await readModelJsonValue(onDisk(folder), 'modules.json')
  return Array.isArray(modules) && modules.some((module) => String(module?.type).endsWith('.Normalize'))
}
