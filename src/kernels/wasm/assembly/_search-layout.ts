// Offsets of what exact-codes-store.ts and exact-codes.ts write into memory.

// Plan (i32 each): what all queries of a search share.
export const SEGMENTS = 0
export const SEGMENT_COUNT = 4
export const UNITS = 8
export const NIBBLES = 12
export const HAS_BIAS = 16
export const WIDTH = 20
export const HEAD = 24
export const POSITIONS = 28
export const TOP_K = 32
export const CAPACITY = 36
export const ALLOWED = 40
export const GROUP = 44
/** Whether a dot product of four bytes is one instruction here. */
export const FUSED = 48
// Segment (i32 each, 32 bytes).
export const ROWS = 0
export const FIRST_ID = 4
export const BLOCKS = 8
export const ROW_CODES = 12
export const FIRST_POSITION = 16
export const SEGMENT_BYTES = 32
// Query (f32 unless said): constants, then the head's quads of i8, then the whole as i16.
export const BASE1 = 0
export const SCALE1 = 4
export const CODING1 = 8
export const TAIL1 = 12
export const SLACK1 = 16
export const OFFSET1 = 20 // i32
export const BIAS_UP = 24
export const BASE_UP = 28
export const BASE_DOWN = 32
export const SCALE2 = 36
export const CODING2 = 40
/** Length of the query beyond the head. */
export const BEYOND = 44
export const BIAS_DOWN = 48
export const EXCLUDED = 52 // i32
export const SLACK2 = 56
export const NORM = 60
export const SHIFT_UP = 64
export const SHIFT_DOWN = 68
export const QUERY_HEAD = 80

export const FLUSH_UNITS = 8
export const SAMPLES = 2048
export const WAITING = 64
/** Rows whose codes stay in the second-level cache, beside the queries that pass. */
export const PAIR_TILE = 256
export const CHUNK_BLOCKS = 48
/** Pairs that wait for the second pass together. */
export const PAIRS_WAITING = 64
// Coder (i32, then f64): what all rows and queries are coded by.
export const CODER_WIDTH = 0
export const CODER_HEAD = 4
export const CODER_NIBBLES = 8
export const CODER_BIAS = 12
export const CODER_DEVIATIONS = 16
export const CODER_RMS = 24
export const CODER_CODES = 32
export const CODER_LIMIT = 40
export const CODER_TURNING = 48
export const CODER_ERROR = 56
export const CODER_NORM = 64
