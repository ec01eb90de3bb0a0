import type { Notice } from '../spec/collection.ts'

const mostKept = 1000

/** Counts every notice and keeps the first 1,000, so that a million odd rows cost no memory and none goes unsaid. */
export class NoticeLedger {
  readonly notices: Notice[] = []
  readonly counts: Record<string, number> = {}

  readonly add = (notice: Notice): void => {
    this.counts[notice.kind] = (this.counts[notice.kind] ?? 0) + 1
    if (this.notices.length < mostKept) this.notices.push(notice)
  }
}
