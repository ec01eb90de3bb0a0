import type { Hit, HitExplanation, SearchMode } from '../spec/collection.ts'
import { safeLine } from './sanitize.ts'
import { answerLine, type Run, snippet } from './snippet.ts'
import type { Terminal } from './terminal.ts'
import { displayWidth, fitToWidth } from './text-width.ts'

export interface PrintHitsOptions {
  /** Rank of the first hit. @default 1 */
  readonly firstRank?: number
  /** Lines of text a hit. @default 3 */
  readonly rows?: number
  /** What was asked, so that an explanation names no way that was not. @default 'hybrid' */
  readonly mode?: SearchMode
}

/** A title beside its place gets at least so many columns, else a line of its own. */
const leastTitle = 24

/** Hits for people: rank, place, headings, the part that answers, and what the score means. */
export function printHits(
  hits: readonly Hit[],
  terminal: Terminal,
  { firstRank = 1, rows = 3, mode = 'hybrid' }: PrintHitsOptions = {},
): void {
  const gutter = Math.max(2, String(firstRank + hits.length - 1).length)
  const indent = ' '.repeat(gutter + 2)
  const columns = terminal.columns - indent.length
  for (const [i, hit] of hits.entries()) {
    if (i > 0) terminal.out('\n')
    const rank = String(firstRank + i).padStart(gutter)
    const place = placeOf(hit)
    const title = titleOf(hit)
    const room = columns - displayWidth(place) - 2
    const isBeside = title !== '' && (displayWidth(title) <= room || room >= leastTitle)
    const beside = isBeside ? `  ${fitToWidth(title, room)}` : ''
    terminal.out(`${terminal.paint('bold', rank)}  ${terminal.paint('cyan', place)}${beside}\n`)
    if (title !== '' && !isBeside) terminal.out(`${indent}${fitToWidth(title, columns)}\n`)
    for (const line of snippet(hit, columns, rows)) terminal.out(`${indent}${paintRuns(line, terminal)}\n`)
    terminal.out(`${indent}${terminal.paint('dim', scoreLine(hit))}\n`)
    if (hit.explain !== undefined)
      for (const line of explanation(hit.explain, mode)) terminal.out(`${indent}${terminal.paint('dim', line)}\n`)
  }
}

export function paintRuns(runs: readonly Run[], terminal: Terminal): string {
  return runs
    .map(({ text, kind }) => {
      if (kind === 'word') return terminal.paint(['bold', 'yellow'], text)
      return kind === 'meaning' ? terminal.paint('bold', text) : text
    })
    .join('')
}

/** `returns.md:3`: where the answer stands; a row's id names its line already, a plain record has none. */
export function placeOf(hit: Pick<Hit, 'source' | 'text' | 'headings' | 'highlights' | 'line'>): string {
  const source = safeLine(hit.source)
  if (/:\d+$/.test(source) || !/\.[a-z0-9]{1,8}$/i.test(source)) return source
  // Passages of HTML are slices of its main text, whose line breaks are not the file's.
  return `${source}:${/\.x?html?$/i.test(source) ? hit.line : answerLine(hit)}`
}

function titleOf(hit: Pick<Hit, 'title' | 'headings'>): string {
  const path = hit.headings.length > 0 ? hit.headings : hit.title === undefined ? [] : [hit.title]
  return path.map(safeLine).join(' › ')
}

export function closerThan(percentile: number): string {
  return `closer than ${percentile} % of pairs`
}

function scoreLine(hit: Hit): string {
  const score = `score ${hit.score.toFixed(3)}`
  return hit.percentile === undefined ? score : `${score} · ${closerThan(hit.percentile)}`
}

function explanation({ semantic, keyword, rerank }: HitExplanation, mode: SearchMode): string[] {
  const lines: string[] = []
  if (rerank !== undefined)
    lines.push(`reranked rank ${rerank.before} before, ${rerank.score.toFixed(3)} by ${safeLine(rerank.model)}`)
  if (semantic !== undefined) {
    const { rank, cosine, weight, contribution } = semantic
    lines.push(
      `meaning  rank ${rank}, cosine ${cosine.toFixed(3)}, weight ${weight.toFixed(2)} → ${contribution.toFixed(3)}`,
    )
  } else if (mode !== 'keyword') lines.push('meaning  not among the nearest')
  if (keyword !== undefined) {
    const { rank, bm25, weight, contribution, words } = keyword
    const found = words.map(safeLine).join(', ')
    lines.push(
      `words    rank ${rank}, BM25 ${bm25.toFixed(2)}, weight ${weight.toFixed(2)} → ${contribution.toFixed(3)}: ${found}`,
    )
  } else if (mode !== 'semantic') lines.push('words    none found')
  return lines
}
