import { fileURLToPath } from 'node:url'
import { open } from '../open.ts'
import type { AddReport, CollectionStatus, Hit, SearchMode } from '../spec/collection.ts'

interface Answers {
  readonly query: string
  readonly words: readonly Hit[]
  readonly meaning: readonly Hit[]
  readonly both: readonly Hit[]
}

export interface Demonstration {
  readonly report: AddReport
  readonly status: CollectionStatus
  /** From the start of the program to the first answer. */
  readonly firstAnswerMs: number
  readonly falseAlarmRate: number
  readonly answers: readonly Answers[]
}

const helpCentre = fileURLToPath(new URL('../../examples/help-centre', import.meta.url))
/** The last one has no answer in a shop's help centre, and must get none. */
const questions = ['How do I send something back?', 'Can I pay bit by bit?', 'How do volcanoes form?']
const falseAlarmRate = 0.05
const hitsEach = 2

/** Put the help centre into a collection in memory and ask it. */
export async function demonstrate(queries: readonly string[] = questions, signal: AbortSignal): Promise<Demonstration> {
  const collection = await open(':memory:')
  try {
    const report = await collection.add(helpCentre, { signal })
    const answers: Answers[] = []
    let firstAnswerMs = 0
    for (const query of queries) {
      const ask = (mode: SearchMode) =>
        collection.search(query, { mode, topK: hitsEach, bySource: true, falseAlarmRate, signal })
      const words = await ask('keyword')
      const meaning = await ask('semantic')
      if (answers.length === 0) firstAnswerMs = performance.now()
      answers.push({ query, words, meaning, both: await ask('hybrid') })
    }
    return { report, status: await collection.status(), firstAnswerMs, falseAlarmRate, answers }
  } finally {
    await collection.close()
  }
}
