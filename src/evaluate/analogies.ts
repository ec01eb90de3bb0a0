import { Arena } from '../kernels/wasm/arena.ts'
import { loadKernel } from '../kernels/wasm/load.ts'
import type { WordVectors } from '../kernels/word-vectors.ts'
import { InvalidArgumentError } from '../spec/errors.ts'

/** a is to b as c is to d. */
export interface AnalogyQuestion {
  readonly section: string
  readonly words: readonly [string, string, string, string]
}

export interface AnalogySection {
  readonly section: string
  /** Questions answered with exactly the fourth word. */
  readonly correct: number
  /** Questions whose four words are all known. */
  readonly asked: number
}

export interface AnalogyAccuracy {
  /** correct / asked; NaN when no question could be asked. */
  readonly accuracy: number
  readonly correct: number
  readonly asked: number
  /** Questions with a word that is not among the known ones. */
  readonly skipped: number
  readonly sections: readonly AnalogySection[]
}

/** Questions in the format of questions-words.txt: four words a line, sections begun by a line ": name". */
export function parseAnalogies(text: string): AnalogyQuestion[] {
  let section = ''
  const questions: AnalogyQuestion[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    if (line.startsWith(':')) {
      section = line.slice(1).trim()
      continue
    }
    const words = line.trim().split(/\s+/)
    if (words.length !== 4) throw new InvalidArgumentError(`questions, line ${i + 1}`, 'four words', `${words.length}`)
    questions.push({ section, words: words as [string, string, string, string] })
  }
  return questions
}

/**
 * Share of analogies whose answer, the word nearest to b − a + c (unit vectors; a, b and c left out), is d.
 *
 * @param options.restrict - Look only among the first so many words, integer ≥ 1; questions with others are skipped. @default 30000
 * @param options.caseInsensitive - Compare words in lower case; of words equal then, the first counts. @default true
 *
 * Cost: questions × restrict × dimensions.
 * Source: Mikolov et al. 2013 (3CosAdd); as gensim's `evaluate_word_analogies`.
 */
export async function analogyAccuracy(
  vectors: WordVectors,
  questions: readonly AnalogyQuestion[],
  options: { readonly restrict?: number; readonly caseInsensitive?: boolean } = {},
): Promise<AnalogyAccuracy> {
  const { restrict = 30_000, caseInsensitive = true } = options
  if (!Number.isInteger(restrict) || restrict < 1)
    throw new InvalidArgumentError('options.restrict', 'an integer of at least 1', restrict)
  const rows = Math.min(restrict, vectors.words.length)
  const spell = (word: string) => (caseInsensitive ? word.toLowerCase() : word)
  const known = new Map<string, number>()
  for (let i = rows - 1; i >= 0; i--) known.set(spell(vectors.words[i]!), i)
  const nearest = await createNearest(vectors, rows)
  const sections = new Map<string, { section: string; correct: number; asked: number }>()
  let skipped = 0
  for (const { section, words } of questions) {
    const ids = words.map((word) => known.get(spell(word)))
    if (ids.includes(undefined)) {
      skipped++
      continue
    }
    const [a, b, c, d] = ids as [number, number, number, number]
    let tally = sections.get(section)
    if (tally === undefined) {
      tally = { section, correct: 0, asked: 0 }
      sections.set(section, tally)
    }
    tally.asked++
    if (nearest(a, b, c) === d) tally.correct++
  }
  const listed = [...sections.values()]
  const correct = listed.reduce((sum, section) => sum + section.correct, 0)
  const asked = listed.reduce((sum, section) => sum + section.asked, 0)
  return { accuracy: correct / asked, correct, asked, skipped, sections: listed }
}

/** The row nearest to b − a + c that is none of the three; −1 where there are no others. */
async function createNearest(vectors: WordVectors, rows: number) {
  const { columns, data } = vectors.vectors
  const arena = new Arena()
  const { dotRows } = await loadKernel<{ dotRows(...call: number[]): void }>('dot', arena.memory)
  const [matrixAt, queryAt, scoresAt] = [rows * columns, columns, rows].map((count) => arena.alloc(count * 4)) as [
    ...[number, number, number],
  ]
  const units = arena.float32(matrixAt, rows * columns)
  units.set(data.subarray(0, rows * columns))
  for (let i = 0; i < rows; i++) {
    const row = units.subarray(i * columns, (i + 1) * columns)
    let square = 0
    for (const value of row) square += value * value
    if (square > 0) for (let j = 0; j < columns; j++) row[j] = row[j]! / Math.sqrt(square)
  }
  const query = arena.float32(queryAt, columns)
  const scores = arena.float32(scoresAt, rows)
  return (a: number, b: number, c: number): number => {
    for (let j = 0; j < columns; j++)
      query[j] = units[b * columns + j]! - units[a * columns + j]! + units[c * columns + j]!
    dotRows(matrixAt, queryAt, scoresAt, rows, columns)
    let best = -1
    for (let i = 0; i < rows; i++)
      if (i !== a && i !== b && i !== c && (best < 0 || scores[i]! > scores[best]!)) best = i
    return best
  }
}
