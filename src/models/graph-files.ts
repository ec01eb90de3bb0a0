import { InvalidArgumentError, NotFoundError, UnsupportedError } from '../spec/errors.ts'

/** Graphs as transformers.js and sentence-transformers name them; each gives vectors of its own. */
export type GraphDtype = 'float32' | 'float16' | 'int8' | 'uint8' | 'q4'

const endings: Readonly<Record<GraphDtype, readonly string[]>> = {
  float32: ['model'],
  float16: ['model_fp16', 'model_O4'],
  int8: ['model_quantized', 'model_int8', 'model_qint8_avx512_vnni', 'model_qint8_avx512', 'model_qint8_arm64'],
  uint8: ['model_uint8', 'model_quint8_avx2'],
  q4: ['model_q4'],
}
export const graphDtypes = Object.keys(endings) as GraphDtype[]

/** Weights that run code when they are loaded, or that no runtime here reads. */
const otherWeights = /^(pytorch_model.*\.bin|.*\.(pt|pth|pkl|ckpt|safetensors|h5|msgpack))$/
const pickled = /^(pytorch_model.*\.bin|.*\.(pt|pth|pkl|ckpt))$/

/**
 * Paths within a model's folder of the graphs of one dtype, the usual first.
 *
 * @throws {InvalidArgumentError} for a dtype that is none.
 */
export function graphNames(dtype: GraphDtype): string[] {
  if (!Object.hasOwn(endings, dtype)) throw new InvalidArgumentError('dtype', graphDtypes.join(', '), dtype)
  return endings[dtype].flatMap((name) => [`onnx/${name}.onnx`, `${name}.onnx`])
}

/**
 * Which of a folder's files is the graph of a dtype.
 *
 * @param files - Paths within the folder, `/` between.
 * @throws {UnsupportedError} for a model without ONNX, with the reason; pickles in particular.
 * @throws {NotFoundError} when there are graphs, but none of this dtype; names those there are.
 */
export function chooseGraph(files: readonly string[], dtype: GraphDtype, place: string): string {
  const found = graphNames(dtype).find((name) => files.includes(name))
  if (found !== undefined) return found
  const others = graphDtypes.filter((one) => graphNames(one).some((name) => files.includes(name)))
  if (others.length > 0)
    throw new NotFoundError(
      `graph of ${place}`,
      dtype,
      `It has ${others.join(', ')}: write ?dtype=${others[0]} after the name, or --dtype ${others[0]} with pull.`,
    )
  const bare = files.map((file) => file.slice(file.lastIndexOf('/') + 1))
  const pickle = bare.find((file) => pickled.test(file))
  const weights = bare.find((file) => otherWeights.test(file))
  if (weights === undefined || (pickle !== undefined && weights === pickle))
    throw pickle === undefined
      ? new NotFoundError('ONNX graph', `${place}/onnx/model.onnx`, 'This model has no weights here.')
      : new UnsupportedError(
          place,
          'weights in ONNX',
          `${pickle}, a pickle`,
          `Loading a pickle runs whatever code is in it. ${remedy}`,
        )
  throw new UnsupportedError(place, 'weights in ONNX', weights, remedy)
}

const remedy =
  'Take a copy in ONNX (many stand under onnx-community/ or Xenova/ on the hub), or export one: optimum-cli export onnx --model <model> <folder>.'
