import { Arena } from '../kernels/wasm/arena.ts'
import { loadKernel } from '../kernels/wasm/load.ts'
import { CorruptDataError } from '../spec/errors.ts'
import { characterKind } from '../text/tokenizers/bert-characters.ts'
import type { WordPieceTokenizer } from '../text/tokenizers/wordpiece.ts'
import type { PackedRows } from './packed-rows.ts'
import type { PackedTable } from './packed-table.ts'
import type { Phrases } from './phrases.ts'
import type { StaticFolder } from './static-folder.ts'

interface Kernel {
  setUp(
    kinds: number,
    folds: number,
    bytes: number,
    starts: number,
    ids: number,
    count: number,
    slots: number,
    slotCount: number,
    prefix: number,
    prefixBytes: number,
    unknown: number,
    limit: number,
    work: number,
  ): number
  setTable(table: number, kind: number, rowOfToken: number, weights: number, columns: number, sums: number): void
  setContext(rows: number, owns: number, mean: number, places: number, damping: number, halfAt: number): void
  place(from: number, rows: number, bytes: number, to: number, stride: number): void
  unpack(
    codes: number,
    scales: number,
    spreads: number,
    rows: number,
    columns: number,
    to: number,
    stride: number,
  ): void
  setPhrases(pairs: number, count: number, slots: number, slotCount: number, firstRow: number): void
  tokenize(text: number, length: number, output: number): number
  embed(ids: number, count: number, output: number, unit: number): number
}

/** Kinds the kernel has beside those of `characterKind`: folds to one character; only the specification knows; not met yet. */
const kernelKind = { folded: 4, hard: 5, unknown: 255 } as const

const workBytes = 16384
const bmp = 0x10000
const placeBytes = 16384
/** Rows unpacked at a time: what they are unpacked from needs no more room than texts do later. */
const rowsAtOnce = 2048

/**
 * A static model's way from text to vector in WASM; the same bits as `StaticModel` computes in TypeScript.
 * What the kernel cannot fold (characters beyond the basic plane, ligatures, added tokens) the TypeScript tokenizer does.
 */
export class StaticKernel {
  private readonly arena: Arena
  private readonly kernel: Kernel
  private readonly tokenizer: WordPieceTokenizer
  private readonly kinds: number
  private readonly folds: number
  private readonly output: number
  private readonly columns: number
  private readonly unit: number
  private readonly encoder = new TextEncoder()
  private text = 0
  private ids = 0
  private textView: Uint8Array<ArrayBufferLike> = new Uint8Array(0)
  private outputView: Float32Array

  /** Undefined where the vocabulary is of a form that only the TypeScript tokenizer reads. */
  static async create(files: StaticFolder, tokenizer: WordPieceTokenizer): Promise<StaticKernel | undefined> {
    if (tokenizer.normalizedTokens.any) return undefined
    const arena = new Arena()
    return new StaticKernel(files, tokenizer, arena, await loadKernel<Kernel>('static-embed', arena.memory))
  }

  private constructor(files: StaticFolder, tokenizer: WordPieceTokenizer, arena: Arena, kernel: Kernel) {
    this.arena = arena
    this.kernel = kernel
    this.tokenizer = tokenizer
    this.columns = files.dimensions
    this.unit = files.normalize ? 1 : 0
    const { bytes, starts, ids, count } = tokenizer.vocabulary
    const prefix = this.encoder.encode(tokenizer.prefix)
    const { table, weights, rowOfToken, packed } = files
    const rows = files.rows + (packed?.phrases.count ?? 0)
    const tableBytes = packed === undefined ? table.byteLength : rows * this.columns
    const slotCount = slotsFor(count)

    this.kinds = arena.alloc(bmp)
    this.folds = arena.alloc(bmp * 2)
    const atBytes = arena.alloc(bytes.length)
    const atStarts = arena.alloc((count + 1) * 4)
    const atIds = arena.alloc(count * 4)
    const atSlots = arena.alloc(slotCount * 16)
    const atPrefix = arena.alloc(prefix.length)
    const atWork = arena.alloc(workBytes)
    const atTable = arena.alloc(tableBytes)
    const atRows = rowOfToken === undefined ? 0 : arena.alloc(rowOfToken.byteLength)
    const atWeights = weights === undefined ? 0 : arena.alloc(weights.byteLength)
    const atSums = arena.alloc(this.columns * 8)
    this.output = arena.alloc(this.columns * 4)

    arena.uint8(this.kinds, bmp).fill(kernelKind.unknown)
    arena.uint8(atBytes, bytes.length).set(bytes)
    arena.int32(atStarts, count + 1).set(starts)
    arena.int32(atIds, count).set(ids)
    arena.uint8(atPrefix, prefix.length).set(prefix)
    if (packed === undefined) arena.uint8(atTable, tableBytes).set(bytesOf(table))
    else this.unpackTable(table as Int8Array, files.rows, packed, atTable)
    if (rowOfToken !== undefined) arena.int32(atRows, rowOfToken.length).set(rowOfToken)
    if (weights !== undefined) arena.float32(atWeights, weights.length).set(weights)
    for (let code = 0; code < 128; code++) this.learn(code)
    const twice = kernel.setUp(
      this.kinds,
      this.folds,
      atBytes,
      atStarts,
      atIds,
      count,
      atSlots,
      slotCount,
      atPrefix,
      prefix.length,
      tokenizer.unknownId,
      tokenizer.maxWordLength,
      atWork,
    )
    if (twice >= 0)
      throw new CorruptDataError('tokenizer.json', 'every token once', `token ${ids[twice]} twice`, {
        remedy: 'Take the folder from its source again.',
      })
    const kind = table instanceof Float32Array ? 1 : weights === undefined ? 0 : 2
    kernel.setTable(atTable, kind, atRows, atWeights, this.columns, atSums)
    if (files.pooling !== undefined) {
      const atOwns = arena.alloc(rows * 4)
      const atMean = arena.alloc(this.columns * 6)
      const atPlaces = arena.alloc(placeBytes)
      kernel.setContext(rows, atOwns, atMean, atPlaces, files.pooling.damping, files.pooling.halfAt)
    }
    if (packed !== undefined) this.enterPhrases(packed.phrases, files.rows)
    this.outputView = new Float32Array(0)
    this.makeRoom(16384)
  }

  private unpackTable(embeddings: Int8Array, tokens: number, packed: PackedTable, to: number): void {
    const { arena, kernel, columns } = this
    const { rest, phraseRows } = packed
    const first = columns - rest.spreads.length
    const mark = arena.mark()
    const room = arena.alloc(rowsAtOnce * columns)
    for (let row = 0; row < tokens; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, tokens - row)
      arena.int8(room, count * first).set(embeddings.subarray(row * first, (row + count) * first))
      kernel.place(room, count, first, to + row * columns, columns)
    }
    this.unpackRows(rest, to + first)
    this.unpackRows(phraseRows, to + tokens * columns)
    arena.release(mark)
  }

  private unpackRows({ codes, scales, spreads }: PackedRows, to: number): void {
    const { arena, kernel, columns } = this
    const rowBytes = spreads.length / 2
    const mark = arena.mark()
    const atSpreads = arena.alloc(spreads.length)
    const atScales = arena.alloc(rowsAtOnce)
    const atCodes = arena.alloc(rowsAtOnce * rowBytes)
    arena.uint8(atSpreads, spreads.length).set(spreads)
    for (let row = 0; row < scales.length; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, scales.length - row)
      arena.uint8(atScales, count).set(scales.subarray(row, row + count))
      arena.uint8(atCodes, count * rowBytes).set(codes.subarray(row * rowBytes, (row + count) * rowBytes))
      kernel.unpack(atCodes, atScales, atSpreads, count, spreads.length, to + row * columns, columns)
    }
    arena.release(mark)
  }

  private enterPhrases({ pairs, count }: Phrases, firstRow: number): void {
    const { arena } = this
    const slotCount = slotsFor(count)
    const atPairs = arena.alloc(pairs.byteLength)
    const atSlots = arena.alloc(slotCount * 8)
    arena.uint8(atPairs, pairs.byteLength).set(bytesOf(pairs))
    this.kernel.setPhrases(atPairs, count, atSlots, slotCount, firstRow)
  }

  /** Number of tokens of `text`; they stay in the kernel's memory for `vectorOf`. */
  tokenize(text: string): number {
    if (text.length * 3 > this.textView.length) this.makeRoom(text.length * 3)
    if (this.tokenizer.rawTokens.mayHold(text)) return this.tokenizeBySpecification(text)
    const { written } = this.encoder.encodeInto(text, this.textView)
    let count = this.kernel.tokenize(this.text, written, this.ids)
    while (count < 0) {
      const code = codePointAt(this.textView, -1 - count)
      if (code >= bmp || !this.learn(code)) return this.tokenizeBySpecification(text)
      count = this.kernel.tokenize(this.text, written, this.ids)
    }
    return count
  }

  /** The vector of the text tokenised last, as a view that the next call overwrites; undefined when no token is known. */
  vectorOf(count: number): Float32Array | undefined {
    return this.kernel.embed(this.ids, count, this.output, this.unit) === 0 ? undefined : this.outputView
  }

  private tokenizeBySpecification(text: string): number {
    const ids = this.tokenizer.encodeView(text)
    this.arena.int32(this.ids, ids.length).set(ids)
    return ids.length
  }

  /** Enter a character's kind; false where the kernel cannot treat it. */
  private learn(code: number): boolean {
    const { characters } = this.tokenizer
    const kinds = this.arena.uint8(this.kinds, bmp)
    if (kinds[code] === kernelKind.hard) return false
    let kind: number = characters.kindOf(code)
    if (kind === characterKind.replaced) {
      const replacement = characters.replacementOf(code)
      const single = replacement.codePointAt(0) as number
      const folds = replacement.length === 1 && characters.kindOf(single) === characterKind.word
      kind = folds ? kernelKind.folded : kernelKind.hard
      if (folds) new Uint16Array(this.arena.memory.buffer, this.folds, bmp)[code] = single
    }
    kinds[code] = kind
    return kind !== kernelKind.hard
  }

  /** A text of n bytes has at most n tokens. The old, smaller room is left behind: sizes double, so at most as much again. */
  private makeRoom(bytes: number): void {
    const capacity = Math.max(bytes, this.textView.length * 2)
    this.text = this.arena.alloc(capacity)
    // Ids and, after them, the weights of the context.
    this.ids = this.arena.alloc(capacity * 8)
    this.textView = this.arena.uint8(this.text, capacity)
    this.outputView = this.arena.float32(this.output, this.columns)
  }
}

/** Slots of a hash table that is at most half full: a power of two. */
function slotsFor(count: number): number {
  let slots = 1024
  while (slots < count * 2) slots *= 2
  return slots
}

function bytesOf({ buffer, byteOffset, byteLength }: Int8Array | Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  const next = (offset: number) => (bytes[at + offset] as number) & 0x3f
  if (first < 0x80) return first
  if (first < 0xe0) return ((first & 0x1f) << 6) | next(1)
  if (first < 0xf0) return ((first & 0x0f) << 12) | (next(1) << 6) | next(2)
  return ((first & 0x07) << 18) | (next(1) << 12) | (next(2) << 6) | next(3)
}
