import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptDataError } from '../../spec/errors.ts'
import { createMatrix, type Matrix } from '../../spec/matrix.ts'
import { createTokenizer } from '../../text/tokenizers/create.ts'
import type { TokenizerJson } from '../../text/tokenizers/tokenizer.ts'
import { tokenVectors } from '../distill.ts'
import { digestOf, onDisk } from '../model-files.ts'
import { readModelJson } from '../model-folder.ts'
import { loadTransformer } from '../transformer.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { writeStaticModel, writeWhole } from '../write-static.ts'
import { chooseRows } from './choose-rows.ts'
import type { Recipe } from './recipe.ts'
import { joinTeacherVectors, type TeacherVectors, teacherVectors } from './teacher-cache.ts'
import { targetsOf, teacherAxes } from './teacher-space.ts'
import { trainTable } from './train-static.ts'
import { readSources, taughtTexts, usablePairs } from './training-data.ts'

export interface TrainStarterOptions {
  /** Folder of the training and evaluation data that the recipe names. */
  readonly data: string
  /** A sentence-transformers folder with ONNX graphs in float32 and int8. */
  readonly teacher: string
  readonly output: string
  /** Where teacher vectors and checkpoints are kept between runs. */
  readonly cache: string
  readonly signal?: AbortSignal | undefined
  readonly onMessage?: ((message: string) => void) | undefined
}

/**
 * From a recipe to a static model in `output`: data without held-out texts, vocabulary, teacher vectors (int8 graph),
 * training, int8 table. Teacher vectors and training go on where they were stopped.
 *
 * @throws {NotFoundError} when data or teacher are not there.
 */
export async function trainStarter(recipe: Recipe, options: TrainStarterOptions): Promise<void> {
  const say = options.onMessage ?? (() => {})
  await mkdir(options.cache, { recursive: true })
  const teacherJson = await readModelJson(onDisk(options.teacher), 'tokenizer.json')
  if (teacherJson === undefined) throw new CorruptDataError(options.teacher, 'tokenizer.json', 'none')
  const teacher = teacherJson as unknown as TokenizerJson
  const sources = await readSources(recipe, options.data)
  const rows = chooseRows(teacher, sources.all, recipe)
  const { vocabulary, phrases, counts, lists } = rows
  say(`rows: ${vocabulary.tokens.length} tokens, ${phrases.count} phrases`)
  const removed = { exact: 0, near: 0, emptyOrEqualPairs: 0 }
  const { taught, wanting } = taughtTexts(sources, recipe, createTokenizer(teacher, options.teacher), rows, removed)
  const pairs = usablePairs(sources, removed)
  say(`${wanting} rows are met less often than ${recipe.teacherTexts.windows.meetings} times`)
  say(
    `held out: ${removed.exact} equal and ${removed.near} nearly equal texts left out; ${removed.emptyOrEqualPairs} empty or equal pairs`,
  )

  const tokens = await cachedTokenVectors(vocabulary, options)
  const reader = await loadTransformer(options.teacher, { dtype: 'int8' })
  const told: { texts: readonly string[]; keep: Uint8Array; vectors: TeacherVectors }[] = []
  for (const { kind, texts, keep, times } of taught) {
    const vectors = await teacherVectors(reader, texts, {
      folder: join(options.cache, 'teacher'),
      signal: options.signal,
      onProgress: (done, total) => say(`teacher: ${done} of ${total} texts (${kind})`),
    })
    for (let time = 0; time < times; time++) told.push({ texts, keep, vectors })
  }
  const vectors = joinTeacherVectors(told.map(({ vectors }) => vectors))
  const teacherPassport = reader.passport
  await reader.close()

  const { axes, kept } = teacherAxes(vectors, recipe.dimensions, recipe.flatten)
  say(`axes: ${recipe.dimensions} keep ${(100 * kept).toFixed(2)} % of the teacher's squared length`)
  const table = await trainTable(
    {
      tokenVectors: tokens,
      phrases,
      rowCounts: counts,
      texts: lists(told.flatMap(({ texts }) => texts)),
      keep: Uint8Array.from(told.flatMap(({ keep }) => [...keep])),
      targets: await targetsOf(vectors, axes, recipe.dimensions),
      axes,
      pairs: pairs.map(({ a, b }) => ({ a: lists(a), b: lists(b) })),
    },
    recipe,
    {
      folder: options.cache,
      run: digestOf(JSON.stringify(recipe), JSON.stringify(teacherPassport), vocabulary.tokens.join('\n')).slice(0, 32),
      signal: options.signal,
      onReport: ({ stage, step, steps, cosineLoss, contrastLoss }) =>
        say(
          `${stage}: step ${step} of ${steps}, 1 − cosine ${cosineLoss.toFixed(4)}, contrast ${contrastLoss.toFixed(4)}`,
        ),
    },
  )
  const card = { format: 1, name: recipe.name, pooling: recipe.pooling, recipe: 'train.json', teacher: teacherPassport }
  await writeStaticModel(
    options.output,
    { rows: table, phrases, dimensions: recipe.dimensions, tokenizer: vocabulary.json, card },
    counts,
  )
}

/** The teacher's vector of every token, in float32, kept between runs. */
async function cachedTokenVectors(vocabulary: Vocabulary, options: TrainStarterOptions): Promise<Matrix> {
  const teacher = await loadTransformer(options.teacher, { dtype: 'float32', threads: 1 })
  try {
    const { dimensions } = teacher.passport
    const name = digestOf(JSON.stringify(teacher.passport), vocabulary.tokens.join('\n')).slice(0, 32)
    const path = join(options.cache, `${name}.tokens`)
    const bytes = await readFile(path).catch(() => undefined)
    const length = vocabulary.tokens.length * dimensions
    if (bytes?.length === length * 4) {
      const data = new Float32Array(Uint8Array.from(bytes).buffer)
      return createMatrix(vocabulary.tokens.length, dimensions, data)
    }
    const vectors = await tokenVectors(teacher, vocabulary, {
      signal: options.signal,
      onProgress: (done, total) => options.onMessage?.(`token vectors: ${done} of ${total}`),
    })
    await writeWhole(path, new Uint8Array(vectors.data.buffer))
    return vectors
  } finally {
    await teacher.close()
  }
}
