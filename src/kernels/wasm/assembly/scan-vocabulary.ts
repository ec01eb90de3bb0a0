// A JSON object of token to id as flat arrays. The specification is scanVocabulary in src/text/tokenizers/vocabulary-bytes.ts.
// Offsets are bytes into linear memory.

const quote: i32 = 0x22
const backslash: i32 = 0x5c
const maxId: i32 = 0xffffff

/**
 * Read `length` bytes at `json`, from the byte after `{` on. `bytes`: room for `length`; `ids` and `starts`: an int32 for each
 * 5 bytes, since `"":1,` is the shortest entry, and one more. Returns the number of tokens, or −1 when anything is unusual.
 */
export function scan(json: i32, length: i32, bytes: i32, starts: i32, ids: i32): i32 {
  const end = json + length
  let at = json
  let to = bytes
  let count = 0
  store<i32>(starts, 0)
  for (;;) {
    at = afterSpace(at, end)
    if (byteAt(at, end) != quote) return -1
    at++
    for (;;) {
      const byte = byteAt(at, end)
      if (byte < 0) return -1
      if (byte == quote) break
      if (byte != backslash) {
        store<u8>(to++, byte)
        at++
      } else {
        const simple = unescaped(byteAt(at + 1, end))
        if (simple < 0) return -1
        store<u8>(to++, simple)
        at += 2
      }
    }
    store<u8>(to++, 10)
    at = afterSpace(at + 1, end)
    if (byteAt(at, end) != 0x3a) return -1
    at = afterSpace(at + 1, end)
    let id = 0
    const digits = at
    for (let digit = byteAt(at, end) - 48; digit >= 0 && digit <= 9; digit = byteAt(at, end) - 48) {
      id = id * 10 + digit
      if (id > maxId) return -1
      at++
    }
    if (at == digits) return -1
    store<i32>(ids + (count << 2), id)
    count++
    store<i32>(starts + (count << 2), to - bytes)
    at = afterSpace(at, end)
    const next = byteAt(at, end)
    at++
    if (next == 0x7d) break
    if (next != 0x2c) return -1
  }
  scanned = at - json
  return count
}

let scanned: i32 = 0

/** Bytes that the last scan has read, up to and with `}`. */
export function scannedBytes(): i32 {
  return scanned
}

// @ts-ignore: decorator
@inline
function byteAt(at: i32, end: i32): i32 {
  return at < end ? i32(load<u8>(at)) : -1
}

// @ts-ignore: decorator
@inline
function afterSpace(at: i32, end: i32): i32 {
  while (at < end && load<u8>(at) <= 0x20) at++
  return at
}

function unescaped(byte: i32): i32 {
  if (byte == quote || byte == backslash || byte == 0x2f) return byte
  if (byte == 0x74) return 9
  if (byte == 0x6e) return 10
  if (byte == 0x72) return 13
  return -1
}
