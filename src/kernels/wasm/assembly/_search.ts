// Pruned scan behind the exact index. Codes and bounds are those of exact-codes.ts; the answer is a short list of rows
// that holds every row of the exact top k, which the caller then scores in float64.
//
// Upper bounds never lie below the true score, lower bounds never above it: their slack covers coding, the part of a row
// that is not scanned, and float32 rounding. So nothing that belongs to the answer is ever dropped.

export { encodeQueries, encodeRows } from './_search-encode'
export { rotate, turnLeading } from './_rotate'
export { aimRows, centreRows } from './_search-prepare'
export { pairProducts } from './_pair-products'
export { pairs } from './_search-pairs'
export { searchMany, touched } from './_search-select'
