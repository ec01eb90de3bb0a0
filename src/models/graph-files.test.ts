import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotFoundError, UnsupportedError } from '../spec/errors.ts'
import { chooseGraph } from './graph-files.ts'

test('a dtype finds its graph under each of its usual names, in the folder onnx or beside the rest', () => {
  assert.equal(chooseGraph(['config.json', 'onnx/model.onnx'], 'float32', 'm'), 'onnx/model.onnx')
  assert.equal(chooseGraph(['model.onnx', 'model_int8.onnx'], 'int8', 'm'), 'model_int8.onnx')
  assert.equal(chooseGraph(['onnx/model_fp16.onnx', 'onnx/model.onnx'], 'float16', 'm'), 'onnx/model_fp16.onnx')
})

test('a graph of another dtype is not taken in its place, but named', () => {
  assert.throws(
    () => chooseGraph(['onnx/model_quantized.onnx'], 'float32', 'm'),
    (error) => error instanceof NotFoundError && /It has int8: write \?dtype=int8/.test(error.message),
  )
})

test('weights without ONNX are refused with the reason: a pickle runs code', () => {
  assert.throws(
    () => chooseGraph(['config.json', 'pytorch_model.bin'], 'float32', 'm'),
    (error) => error instanceof UnsupportedError && /a pickle.*runs whatever code is in it/.test(error.message),
  )
  assert.throws(
    () => chooseGraph(['model.safetensors'], 'float32', 'm'),
    (error) => error instanceof UnsupportedError && /optimum-cli export onnx/.test(error.message),
  )
  assert.throws(() => chooseGraph(['README.md'], 'float32', 'm'), NotFoundError)
})
