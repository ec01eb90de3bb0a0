import { MissingDependencyError, UnsupportedError } from '../spec/errors.ts'

/** A transformer's graph on the CPU: ids of equally long or padded texts in, hidden states out. */
export interface OnnxSession {
  /**
   * @param ids - `rows × columns` token ids, row-major, padded on the right.
   * @param lengths - Real tokens of each row.
   * @returns last hidden state, `rows × columns × hidden`.
   */
  run(ids: Int32Array, lengths: Int32Array, columns: number): Promise<{ data: Float32Array; hidden: number }>
  close(): Promise<void>
}

/** @throws {MissingDependencyError} when `onnxruntime-node` is not installed or does not load here. */
export async function openOnnxSession(file: Uint8Array | string, threads: number): Promise<OnnxSession> {
  const ort = await importRuntime()
  const session = await ort.InferenceSession.create(file as string, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  })
  const outputName = session.outputNames.find((name) => name === 'last_hidden_state') ?? session.outputNames[0]
  const unknown = session.inputNames.filter((name) => !['input_ids', 'attention_mask', 'token_type_ids'].includes(name))
  if (unknown.length > 0 || outputName === undefined)
    throw new UnsupportedError('ONNX graph', 'inputs input_ids, attention_mask and token_type_ids', unknown.join(', '))
  const withTypes = session.inputNames.includes('token_type_ids')

  return {
    async run(ids, lengths, columns) {
      const rows = lengths.length
      const inputIds = BigInt64Array.from(ids, BigInt)
      const mask = new BigInt64Array(rows * columns)
      for (let row = 0; row < rows; row++) mask.fill(1n, row * columns, row * columns + (lengths[row] as number))
      const shape = [rows, columns]
      const feeds: Record<string, InstanceType<typeof ort.Tensor>> = {
        input_ids: new ort.Tensor('int64', inputIds, shape),
        attention_mask: new ort.Tensor('int64', mask, shape),
      }
      if (withTypes) feeds['token_type_ids'] = new ort.Tensor('int64', new BigInt64Array(rows * columns), shape)
      const result = await session.run(feeds, [outputName])
      const tensor = result[outputName] as InstanceType<typeof ort.Tensor>
      if (tensor.dims.length !== 3)
        throw new UnsupportedError(
          'ONNX graph',
          'hidden states of three dimensions',
          `${tensor.dims.length} dimensions`,
        )
      return { data: tensor.data as Float32Array, hidden: tensor.dims[2] as number }
    },
    close: () => session.release(),
  }
}

async function importRuntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new MissingDependencyError('transformer models', 'onnxruntime-node', {
      remedy: 'Install it: npm install onnxruntime-node --onnxruntime-node-install=skip.',
      cause,
    })
  }
}
