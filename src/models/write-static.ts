import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { TokenizerJson } from '../text/tokenizers/tokenizer.ts'
import { packTable } from './packed-table.ts'
import type { Phrases } from './phrases.ts'
import { quantizeTable } from './quantize-table.ts'
import { type Tensor, writeSafetensors } from './safetensors.ts'

export interface StaticTable {
  /** One row a token and then one a phrase, `rows × dimensions`, each already times its weight. */
  readonly rows: Float32Array
  readonly phrases?: Phrases | undefined
  readonly dimensions: number
  readonly tokenizer: TokenizerJson
  /** Goes into vecino.json: name, how it was made, from what. */
  readonly card: Readonly<Record<string, unknown>>
}

/**
 * Save a static model in the Model2Vec layout, so that Python model2vec reads the same table. Rows are int8 with one scale
 * for all, which a mean of unit length does not need; with phrases, half of the columns and the rows of phrases are packed
 * (see `PackedTable`) and other tools read the other half. Every file is written under another name, synced and renamed.
 *
 * @param rowCounts - How often each row is met: the scale makes the error least where it is met most. @default all alike
 */
export async function writeStaticModel(folder: string, table: StaticTable, rowCounts?: Float64Array): Promise<void> {
  const { dimensions, phrases } = table
  const codes = quantizeTable(table.rows, dimensions, rowCounts)
  const shape = [codes.length / dimensions, dimensions]
  const tensors =
    phrases === undefined
      ? new Map<string, Tensor>([['embeddings', { dtype: 'I8', shape, bytes: new Uint8Array(codes.buffer) }]])
      : packTable(codes, dimensions, phrases)
  const config = {
    model_type: 'model2vec',
    architectures: ['StaticModel'],
    normalize: true,
    embedding_dtype: 'int8',
    hidden_dim: tensors.get('embeddings')?.shape[1],
    max_length: null,
  }
  await mkdir(folder, { recursive: true })
  await writeWhole(join(folder, 'tokenizer.json'), JSON.stringify(table.tokenizer))
  await writeWhole(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
  await writeWhole(join(folder, 'vecino.json'), `${JSON.stringify(table.card, null, 2)}\n`)
  await writeWhole(join(folder, 'model.safetensors'), writeSafetensors(tensors, { format: 'vecino' }))
}

/** Write a file, at once or in parts, so that a crash leaves the old one or the new one. */
export async function writeWhole(path: string, content: string | Uint8Array | Iterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.vecino-part`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(content as string | Uint8Array)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}
