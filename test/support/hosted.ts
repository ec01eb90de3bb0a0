import { inspect } from 'node:util'
import type { EmbeddingCache } from '../../src/core/embed-many.ts'
import { rowOf } from '../../src/spec/matrix.ts'

/** Looks like a key and stands nowhere else, so that a leak is found by searching. */
export const plantedKey = 'sk-planted-9f8e7d6c5b4a'

/** Time that passes only by sleeping; nothing waits. */
export function virtualClock(seed = 1) {
  let nowMs = 1_800_000_000_000
  let state = seed >>> 0
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => nowMs,
    random() {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    },
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      sleeps.push(ms)
      nowMs += ms
    },
  }
}

/** A cache as a store has one, and what was put into it more than once. */
export function memoryCache(): EmbeddingCache & { readonly rows: Map<string, Float32Array>; readonly twice: string[] } {
  const rows = new Map<string, Float32Array>()
  const twice: string[] = []
  return {
    rows,
    twice,
    async cached(_print, task, digests) {
      return digests.map((digest) => rows.get(`${task} ${digest}`))
    },
    async cache(_print, task, digests, vectors) {
      for (const [i, digest] of digests.entries()) {
        if (rows.has(`${task} ${digest}`)) twice.push(digest)
        rows.set(`${task} ${digest}`, rowOf(vectors, i).slice())
      }
    },
  }
}

/** Everything an error could show to anybody, its causes included. */
export function allOf(error: unknown): string {
  return inspect(error, { depth: 8, showHidden: true, getters: true }) + JSON.stringify(error) + String(error)
}

/** Records whose texts are all different and one passage long. */
export function hostedRecords(count: number): { id: string; text: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `r${i}`,
    text: `Record ${i} tells of the number ${i * 7919}.`,
  }))
}
