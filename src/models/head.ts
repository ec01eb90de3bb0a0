import { CorruptDataError, UnsupportedError } from '../spec/errors.ts'
import { type ModelFolder, readModuleJson } from './model-folder.ts'
import { normalizeRow } from './pooling.ts'
import { readSafetensors, toFloat32 } from './safetensors.ts'

/** One step from the pooled states to the vector. */
export type HeadStep = DenseLayer | { readonly kind: 'normalize' } | { readonly kind: 'layer-norm' }

/** `activation(weight · x + bias)`. */
export interface DenseLayer {
  readonly kind: 'dense'
  /** `outputs × inputs`, row-major. */
  readonly weight: Float32Array
  readonly bias: Float32Array | undefined
  readonly inputs: number
  readonly outputs: number
  readonly activation: 'identity' | 'tanh' | 'relu' | 'sigmoid'
  /** Bytes of the file, for the digest of the weights. */
  readonly bytes: Uint8Array
}

const activations: Readonly<Record<string, DenseLayer['activation']>> = {
  Identity: 'identity',
  Tanh: 'tanh',
  ReLU: 'relu',
  Sigmoid: 'sigmoid',
}

/**
 * Read a Dense module of sentence-transformers.
 *
 * @throws {UnsupportedError} for an activation that is not computed here, and for pickled weights.
 */
export async function readDense(folder: ModelFolder, path: string): Promise<DenseLayer> {
  const place = `${folder.place}/${path}`
  const config = await readModuleJson(folder, path)
  // Without a word the module's default is Tanh.
  const name = String(config['activation_function'] ?? 'torch.nn.modules.activation.Tanh')
  const activation = activations[name.slice(name.lastIndexOf('.') + 1)]
  if (activation === undefined)
    throw new UnsupportedError(`${place}/config.json`, `activation ${Object.keys(activations).join(', ')}`, name)
  const bytes = await folder.read(`${path}/model.safetensors`)
  if (bytes === undefined)
    throw new UnsupportedError(
      place,
      'model.safetensors',
      'none',
      'A pytorch_model.bin is a pickle, which runs code when it is loaded; take a copy of the model with safetensors.',
    )
  const { tensors } = readSafetensors(bytes, `${place}/model.safetensors`)
  const weight = tensors.get('linear.weight')
  const bias = tensors.get('linear.bias')
  const [outputs = 0, inputs = 0] = weight?.shape ?? []
  if (weight === undefined || weight.shape.length !== 2 || outputs < 1 || inputs < 1)
    throw new CorruptDataError(`${place}/model.safetensors`, 'linear.weight of two dimensions', 'none', {
      remedy: 'Take the folder from its source again.',
    })
  return {
    kind: 'dense',
    weight: toFloat32(weight, place),
    bias: bias === undefined ? undefined : toFloat32(bias, place),
    inputs,
    outputs,
    activation,
    bytes,
  }
}

/** Values the steps give, from `inputs` of pooling. @throws {UnsupportedError} when a layer takes another number. */
export function headSize(steps: readonly HeadStep[], inputs: number, place: string): number {
  let size = inputs
  for (const step of steps) {
    if (step.kind !== 'dense') continue
    if (step.inputs !== size) throw new UnsupportedError(place, `a Dense layer of ${size} inputs`, `${step.inputs}`)
    size = step.outputs
  }
  return size
}

/**
 * The vector of one text.
 *
 * @param pooled - Read only.
 * @param output - The first values are kept where it is shorter than what the steps give (Matryoshka), and made of unit
 *   length again where the last step is `normalize`.
 */
export function applyHead(steps: readonly HeadStep[], pooled: Float32Array, output: Float32Array): void {
  let values = pooled
  for (const step of steps) {
    if (step.kind === 'dense') values = applyDense(step, values)
    else if (step.kind === 'layer-norm') values = layerNorm(values)
    else {
      values = values.slice()
      normalizeRow(values)
    }
  }
  output.set(values.subarray(0, output.length))
  if (output.length < values.length && steps.at(-1)?.kind === 'normalize') normalizeRow(output)
}

/** To mean 0 and variance 1, without weights of its own; PyTorch's `layer_norm` and its 1e-5. */
function layerNorm(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  const scale = 1 / Math.sqrt(variance + 1e-5)
  return values.map((x) => (x - mean) * scale)
}

function applyDense({ weight, bias, inputs, outputs, activation }: DenseLayer, values: Float32Array): Float32Array {
  const result = new Float32Array(outputs)
  for (let row = 0; row < outputs; row++) {
    let sum = bias?.[row] ?? 0
    for (let i = 0; i < inputs; i++) sum += (weight[row * inputs + i] as number) * (values[i] as number)
    result[row] = activate(sum, activation)
  }
  return result
}

function activate(x: number, activation: DenseLayer['activation']): number {
  switch (activation) {
    case 'tanh':
      return Math.tanh(x)
    case 'relu':
      return Math.max(0, x)
    case 'sigmoid':
      return 1 / (1 + Math.exp(-x))
    default:
      return x
  }
}
