import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { field, joined } from './onnx-graph/wire.ts'

/**
 * Write a cross-encoder without weights: its score is how many pairs of equal tokens the query and the text have, the
 * closing token of both among them. Messages of ONNX are written by hand, field by field as in onnx.proto.
 */
export function writeTestCrossEncoder(folder: string, words: readonly string[], config: object = {}): void {
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), model())
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...words].map((token, id) => [token, id]))
  writeFileSync(
    join(folder, 'tokenizer.json'),
    JSON.stringify({
      added_tokens: [],
      normalizer: { type: 'BertNormalizer', lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: { type: 'BertProcessing', cls: ['[CLS]', 2], sep: ['[SEP]', 3] },
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
    }),
  )
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      architectures: ['BertForSequenceClassification'],
      id2label: { 0: 'LABEL_0' },
      max_position_embeddings: 24,
      sbert_ce_default_activation_function: 'torch.nn.modules.linear.Identity',
      ...config,
    }),
  )
}

function model(): Uint8Array {
  const float = 1
  const int64 = 7
  const nodes = [
    node('Unsqueeze', ['input_ids', 'axis2'], 'ids_down'),
    node('Unsqueeze', ['input_ids', 'axis1'], 'ids_across'),
    node('Equal', ['ids_down', 'ids_across'], 'are_equal'),
    node('Cast', ['are_equal'], 'equal', intAttribute('to', float)),
    node('Cast', ['attention_mask'], 'real', intAttribute('to', float)),
    node('Cast', ['token_type_ids'], 'second', intAttribute('to', float)),
    node('Sub', ['one', 'second'], 'first'),
    node('Mul', ['real', 'first'], 'in_query'),
    node('Mul', ['real', 'second'], 'in_text'),
    node('Unsqueeze', ['in_query', 'axis2'], 'query_down'),
    node('Unsqueeze', ['in_text', 'axis1'], 'text_across'),
    node('Mul', ['equal', 'query_down'], 'of_query'),
    node('Mul', ['of_query', 'text_across'], 'of_both'),
    node('ReduceSum', ['of_both', 'axes12'], 'sums', intAttribute('keepdims', 0)),
    node('Unsqueeze', ['sums', 'axis1'], 'logits'),
  ]
  const tensors = [
    tensor('axis1', int64, [1], bigints([1n])),
    tensor('axis2', int64, [1], bigints([2n])),
    tensor('axes12', int64, [2], bigints([1n, 2n])),
    tensor('one', float, [1], Buffer.from(Float32Array.of(1).buffer)),
  ]
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) =>
    value(name, int64, ['batch', 'length']),
  )
  const graph = joined([
    ...nodes.map((one) => field(1, one)),
    field(2, 'shared tokens'),
    ...tensors.map((one) => field(5, one)),
    ...inputs.map((one) => field(11, one)),
    field(12, value('logits', float, ['batch', 'scores'])),
  ])
  const opset = joined([field(1, ''), field(2, 13)])
  return joined([field(1, 8), field(7, graph), field(8, opset)])
}

function node(type: string, inputs: readonly string[], output: string, attribute?: Uint8Array): Uint8Array {
  const parts = [...inputs.map((name) => field(1, name)), field(2, output), field(3, output), field(4, type)]
  return joined(attribute === undefined ? parts : [...parts, field(5, attribute)])
}

function intAttribute(name: string, integer: number): Uint8Array {
  return joined([field(1, name), field(3, integer), field(20, 2)])
}

function tensor(name: string, type: number, dims: readonly number[], raw: Uint8Array): Uint8Array {
  return joined([...dims.map((size) => field(1, size)), field(2, type), field(8, name), field(9, raw)])
}

function value(name: string, type: number, dims: readonly string[]): Uint8Array {
  const shape = joined(dims.map((dim) => field(1, field(2, dim))))
  return joined([field(1, name), field(2, field(1, joined([field(1, type), field(2, shape)])))])
}

function bigints(values: readonly bigint[]): Uint8Array {
  return Buffer.from(BigInt64Array.from(values).buffer)
}
