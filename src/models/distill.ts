import { basename, resolve } from 'node:path'
import { pca } from '../kernels/pca.ts'
import { CorruptDataError, InvalidArgumentError } from '../spec/errors.ts'
import { createMatrix } from '../spec/matrix.ts'
import type { TokenizerJson } from '../text/tokenizers/tokenizer.ts'
import { onDisk } from './model-files.ts'
import { readModelJson } from './model-folder.ts'
import { loadTransformer } from './transformer.ts'
import type { Transformer } from './transformer-model.ts'
import { trimVocabulary, type Vocabulary } from './vocabulary.ts'
import { writeStaticModel } from './write-static.ts'

export interface DistillOptions {
  /** Folder the model is written to; made when absent. */
  readonly output: string
  /** Columns of the table, integer from 1 to the teacher's. More: closer to the teacher and larger. @default 256 */
  readonly dimensions?: number
  /** Words to be rows of their own beside the teacher's pieces, such as a field's terms. @default none */
  readonly vocabulary?: readonly string[]
  /** Graph of the teacher to run. @default 'float32' */
  readonly dtype?: 'float32' | 'int8'
  readonly threads?: number
  /** Weight of a token is a / (a + p), p its Zipf share by rank; > 0, smaller silences frequent tokens more. @default 1e-4 */
  readonly sifCoefficient?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

const tokensPerStep = 1024

/**
 * Turn a transformer into a static model: every token's vector from the teacher, principal axes, frequency weights, int8.
 *
 * @param teacherFolder - A sentence-transformers folder with ONNX graphs and a WordPiece tokenizer.
 * @returns how many tokens and dimensions the new model has. Same teacher, options and machine type: the same bytes.
 * @throws {MissingDependencyError} without `onnxruntime-node`, or `onnxruntime-web` in its place.
 *
 * Cost: one teacher run of three tokens a vocabulary entry (about a minute for 30,000), then O(dimensions³).
 * Source: Model2Vec (Tulkens & van Dongen 2024); weights of Arora et al. 2017 with Zipf's law for the frequencies.
 * Departs from it: values beyond the scale saturate where that makes the whole error smaller.
 */
export async function distill(
  teacherFolder: string,
  options: DistillOptions,
): Promise<{ tokens: number; dimensions: number }> {
  const { dimensions = 256, sifCoefficient = 1e-4 } = options
  if (!(sifCoefficient > 0)) throw new InvalidArgumentError('options.sifCoefficient', 'a number > 0', sifCoefficient)
  const teacher = await loadTransformer(teacherFolder, { dtype: options.dtype, threads: options.threads })
  try {
    const most = teacher.passport.dimensions
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > most)
      throw new InvalidArgumentError('options.dimensions', `an integer from 1 to ${most}`, dimensions)
    const json = (await readModelJson(onDisk(teacherFolder), 'tokenizer.json')) as unknown as TokenizerJson | undefined
    if (json === undefined) throw new CorruptDataError(teacherFolder, 'tokenizer.json', 'none')
    const vocabulary = trimVocabulary(json, options.vocabulary)
    const vectors = await tokenVectors(teacher, vocabulary, options)
    const rows = (await pca(vectors, { components: dimensions })).transform(vectors).data.slice()
    weighByRank(rows, dimensions, sifCoefficient)
    await writeStaticModel(options.output, {
      rows,
      dimensions,
      tokenizer: vocabulary.json,
      card: {
        format: 1,
        name: basename(resolve(options.output)),
        recipe: { kind: 'distill', dimensions, sifCoefficient, words: options.vocabulary?.length ?? 0 },
        teacher: teacher.passport,
      },
    })
    return { tokens: vocabulary.tokens.length, dimensions }
  } finally {
    await teacher.close()
  }
}

/** The teacher's vector of each token alone, between its special tokens; a word of the user's own by its pieces. */
export async function tokenVectors(
  teacher: Transformer,
  vocabulary: Vocabulary,
  options: Pick<DistillOptions, 'signal' | 'onProgress'>,
) {
  const { tokenizer } = teacher
  const { tokens } = vocabulary
  const vectors = createMatrix(tokens.length, teacher.passport.dimensions)
  for (let from = 0; from < tokens.length; from += tokensPerStep) {
    const step = tokens.slice(from, from + tokensPerStep)
    const sequences = step.map((token) => {
      const id = tokenizer.idOf(token)
      const inner = id === undefined ? [...tokenizer.encode(token)] : [id]
      return Int32Array.from([...tokenizer.prefixIds, ...inner, ...tokenizer.suffixIds])
    })
    const { data } = await teacher.embedIds(sequences, { signal: options.signal })
    vectors.data.set(data, from * vectors.columns)
    options.onProgress?.(Math.min(from + tokensPerStep, tokens.length), tokens.length)
  }
  return vectors
}

/** BERT vocabularies stand in order of frequency, so rank stands for it by Zipf's law. */
function weighByRank(rows: Float32Array, columns: number, coefficient: number): void {
  const count = rows.length / columns
  let total = 0
  for (let rank = 0; rank < count; rank++) total += 1 / (rank + 2)
  for (let rank = 0; rank < count; rank++) {
    const weight = coefficient / (coefficient + 1 / (rank + 2) / total)
    for (let i = rank * columns; i < (rank + 1) * columns; i++) rows[i] = (rows[i] as number) * weight
  }
}
