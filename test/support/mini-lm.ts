import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const miniLmFolder = fileURLToPath(new URL('../../../shared/models/all-MiniLM-L6-v2', import.meta.url))

/** What a page hands over of the folder: each file by its path. */
export function miniLmFiles(): Record<string, Uint8Array> {
  const names = [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'modules.json',
    'sentence_bert_config.json',
    'config_sentence_transformers.json',
    '1_Pooling/config.json',
    'onnx/model.onnx',
    'onnx/model_quantized.onnx',
  ]
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${miniLmFolder}/${name}`)]))
}

/** The WASM of `onnxruntime-web`. */
export function runtimeWasm(): Uint8Array {
  return readFileSync(fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')))
}
