import { Arena } from '../kernels/wasm/arena.ts'
import { loadKernel } from '../kernels/wasm/load.ts'
import { VocabularyBytes, type VocabularyScan } from '../text/tokenizers/vocabulary-bytes.ts'

interface Kernel {
  scan(json: number, length: number, bytes: number, starts: number, ids: number): number
  scannedBytes(): number
}

/** Bytes of the shortest entry, `"":1,`. */
const entryBytes = 5

/** `scanVocabulary` in WASM. A scan runs once and cold, where JavaScript takes ten times as long. */
export async function kernelVocabularyScan(): Promise<VocabularyScan> {
  const arena = new Arena()
  const kernel = await loadKernel<Kernel>('scan-vocabulary', arena.memory)
  return (json, at, place) => {
    const mark = arena.mark()
    const length = json.length - at - 1
    const capacity = Math.floor(length / entryBytes) + 1
    const atJson = arena.alloc(length)
    const atBytes = arena.alloc(length)
    const atStarts = arena.alloc((capacity + 1) * 4)
    const atIds = arena.alloc(capacity * 4)
    arena.uint8(atJson, length).set(json.subarray(at + 1))
    const count = kernel.scan(atJson, length, atBytes, atStarts, atIds)
    arena.release(mark)
    if (count < 0) return undefined
    const starts = arena.int32(atStarts, count + 1).slice()
    const bytes = arena.uint8(atBytes, starts[count] as number).slice()
    const ids = arena.int32(atIds, count).slice()
    return { vocabulary: new VocabularyBytes(bytes, starts, ids, place), end: at + 1 + kernel.scannedBytes() }
  }
}
