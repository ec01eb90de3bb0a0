// BERT's folding and WordPiece over UTF-8 bytes. The specification is WordPieceTokenizer in TypeScript; every answer equals its.
// Offsets are bytes into linear memory.

export const base: u32 = 0x01000193
const maxWordBytes: i32 = 1024

// Kinds of a code point, as src/text/tokenizers/bert-characters.ts numbers them.
const word: i32 = 0
const space: i32 = 1
const alone: i32 = 2
const dropped: i32 = 3
/** Folds to the one code point in `folds`. */
const folded: i32 = 4

let kinds: i32 = 0
let folds: i32 = 0
let pieceBytes: i32 = 0
let pieceStarts: i32 = 0
let pieceIds: i32 = 0
let initialSlots: i32 = 0
let continuingSlots: i32 = 0
let slotMask: i32 = 0
let longestPiece: i32 = 0
let prefixLength: i32 = 0
export let unknownId: i32 = -1
let wordLimit: i32 = 100

let wordAt: i32 = 0
let hashesAt: i32 = 0
let powers: i32 = 0
let tokens: i32 = 0
let tokenCount: i32 = 0
let wordLength: i32 = 0
let wordCharacters: i32 = 0

/** `work`: (5 · maxWordBytes + 64) · 4 bytes; `slots`: two tables of `slotCount` (a power of two) entries, a piece (int32) and its hash. */
export function setUp(
  kindsAt: i32, foldsAt: i32, bytesAt: i32, startsAt: i32, idsAt: i32, count: i32,
  slots: i32, slotCount: i32, prefixAt: i32, prefixBytes: i32, unknown: i32, limit: i32, work: i32,
): i32 {
  kinds = kindsAt
  folds = foldsAt
  pieceBytes = bytesAt
  pieceStarts = startsAt
  pieceIds = idsAt
  initialSlots = slots
  continuingSlots = slots + (slotCount << 3)
  slotMask = slotCount - 1
  prefixLength = prefixBytes
  unknownId = unknown
  wordLimit = limit
  wordAt = work
  hashesAt = work + maxWordBytes * 4
  powers = hashesAt + (maxWordBytes + 4) * 4
  let power: u32 = 1
  for (let i = 0; i < maxWordBytes; i++) {
    store<u32>(powers + (i << 2), power)
    power *= base
  }
  memory.fill(slots, 0xff, slotCount << 4)
  longestPiece = 0
  for (let piece = 0; piece < count; piece++) {
    const start = load<i32>(pieceStarts + (piece << 2))
    const end = load<i32>(pieceStarts + ((piece + 1) << 2)) - 1
    const hash = hashOf(pieceBytes + start, end - start)
    if (!insert(initialSlots, piece, hash, 0, start, end)) return piece
    if (end - start > longestPiece) longestPiece = end - start
    if (end - start >= prefixLength && startsWith(pieceBytes + start, prefixAt)) {
      const inner = hashOf(pieceBytes + start + prefixLength, end - start - prefixLength)
      insert(continuingSlots, piece, inner, 1, start + prefixLength, end)
    }
  }
  return -1
}

function startsWith(at: i32, prefix: i32): bool {
  for (let i = 0; i < prefixLength; i++) if (load<u8>(at + i) != load<u8>(prefix + i)) return false
  return true
}

function hashOf(at: i32, length: i32): u32 {
  let hash: u32 = 0
  for (let i = 0; i < length; i++) hash = hash * base + load<u8>(at + i) + 1
  return hash
}

// @ts-ignore: decorator
@inline
export function slotOf(hash: u32): i32 {
  return ((hash ^ (hash >> 15)) * 0x2c1b3c6d) >> 12
}

function insert(slots: i32, piece: i32, hash: u32, continuing: i32, start: i32, end: i32): bool {
  let slot = slotOf(hash) & slotMask
  for (;;) {
    const there = load<i32>(slots + (slot << 3))
    if (there < 0) break
    if (load<u32>(slots + (slot << 3) + 4) == hash && isPiece(there, continuing, pieceBytes + start, end - start)) return false
    slot = (slot + 1) & slotMask
  }
  store<i32>(slots + (slot << 3), piece)
  store<u32>(slots + (slot << 3) + 4, hash)
  return true
}

// @ts-ignore: decorator
@inline
function isPiece(piece: i32, continuing: i32, at: i32, length: i32): bool {
  const start = load<i32>(pieceStarts + (piece << 2)) + (continuing ? prefixLength : 0)
  const end = load<i32>(pieceStarts + ((piece + 1) << 2)) - 1
  if (end - start != length) return false
  for (let i = 0; i < length; i++) if (load<u8>(pieceBytes + start + i) != load<u8>(at + i)) return false
  return true
}

function find(slots: i32, continuing: i32, at: i32, length: i32, hash: u32): i32 {
  let slot = slotOf(hash) & slotMask
  let piece = load<i32>(slots + (slot << 3))
  while (piece >= 0) {
    if (load<u32>(slots + (slot << 3) + 4) == hash && isPiece(piece, continuing, at, length))
      return load<i32>(pieceIds + (piece << 2))
    slot = (slot + 1) & slotMask
    piece = load<i32>(slots + (slot << 3))
  }
  return -1
}

/**
 * Tokens of `length` bytes of UTF-8, written to `output` (room for one a byte).
 * Returns how many, or −1 − n where the n-th byte begins a character that only the specification can fold.
 */
export function tokenize(text: i32, length: i32, output: i32): i32 {
  tokens = output
  tokenCount = 0
  wordLength = 0
  wordCharacters = 0
  const end = text + length
  let at = text
  while (at < end) {
    let code: i32 = load<u8>(at)
    let size = 1
    if (code >= 0x80) {
      if (code < 0xe0) {
        code = ((code & 0x1f) << 6) | (load<u8>(at + 1) & 0x3f)
        size = 2
      } else if (code < 0xf0) {
        code = ((code & 0x0f) << 12) | ((load<u8>(at + 1) & 0x3f) << 6) | (load<u8>(at + 2) & 0x3f)
        size = 3
      } else return -1 - (at - text)
    }
    let kind: i32 = load<u8>(kinds + code)
    if (kind == folded) {
      code = load<u16>(folds + (code << 1))
      kind = word
    }
    if (kind == word) extend(code)
    else if (kind == space) endWord()
    else if (kind == alone) {
      endWord()
      extend(code)
      endWord()
    } else if (kind != dropped) return -1 - (at - text)
    at += size
  }
  endWord()
  return tokenCount
}

// @ts-ignore: decorator
@inline
function extend(code: i32): void {
  wordCharacters++
  if (wordCharacters > wordLimit) return
  if (code < 0x80) pushByte(code)
  else if (code < 0x800) {
    pushByte(0xc0 | (code >> 6))
    pushByte(0x80 | (code & 0x3f))
  } else {
    pushByte(0xe0 | (code >> 12))
    pushByte(0x80 | ((code >> 6) & 0x3f))
    pushByte(0x80 | (code & 0x3f))
  }
}

// @ts-ignore: decorator
@inline
function pushByte(byte: i32): void {
  store<u8>(wordAt + wordLength, byte)
  const hash = wordLength == 0 ? 0 : load<u32>(hashesAt + (wordLength << 2))
  wordLength++
  store<u32>(hashesAt + (wordLength << 2), hash * base + byte + 1)
}

function endWord(): void {
  const length = wordLength
  if (length == 0) return
  const tooLong = wordCharacters > wordLimit
  wordLength = 0
  wordCharacters = 0
  if (tooLong) {
    push(unknownId)
    return
  }
  const whole = find(initialSlots, 0, wordAt, length, load<u32>(hashesAt + (length << 2)))
  if (whole >= 0) push(whole)
  else pieces(length)
}

function pieces(length: i32): void {
  const mark = tokenCount
  let start = 0
  store<u32>(hashesAt, 0)
  while (start < length) {
    let end = start + longestPiece
    if (end > length) end = length
    let id = -1
    const before = load<u32>(hashesAt + (start << 2))
    for (; end > start; end--) {
      const hash = load<u32>(hashesAt + (end << 2)) - before * load<u32>(powers + ((end - start) << 2))
      id = start == 0 ? find(initialSlots, 0, wordAt, end, hash) : find(continuingSlots, 1, wordAt + start, end - start, hash)
      if (id >= 0) break
    }
    if (id < 0) {
      tokenCount = mark
      push(unknownId)
      return
    }
    push(id)
    start = end
  }
}

// @ts-ignore: decorator
@inline
function push(id: i32): void {
  if (id < 0) return
  store<i32>(tokens + (tokenCount << 2), id)
  tokenCount++
}
