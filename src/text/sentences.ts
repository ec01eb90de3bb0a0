const terminators = new Set('.!?…')
const wideTerminators = new Set('。！？｡．')
const closers = new Set('"\'”’)]»」』）】\0')
const lowerCase = /\p{Ll}/u
const space = /\s/

/**
 * Offsets at which a new sentence begins within [start, end), the start not among them: after `.` `!` `?` `…` and white
 * space unless a small letter follows, after `。` `！` `？`, and after an empty line.
 *
 * @param words - `Structure.words`: masked markup may stand between a full stop and the next word.
 *
 * Cost: O(end − start), whatever the text.
 */
export function sentenceStarts(words: string, start: number, end: number): number[] {
  const starts: number[] = []
  for (let i = start; i < end; ) {
    const c = words[i] as string
    const isWide = wideTerminators.has(c)
    if (!isWide && !terminators.has(c)) {
      i++
      continue
    }
    let at = i + 1
    while (
      at < end &&
      (closers.has(words[at] as string) ||
        terminators.has(words[at] as string) ||
        wideTerminators.has(words[at] as string))
    )
      at++
    const afterMark = at
    while (at < end && space.test(words[at] as string)) at++
    const isEnd = isWide || (at > afterMark && !lowerCase.test(words[at] ?? ''))
    if (isEnd && at < end) starts.push(at)
    i = Math.max(at, i + 1)
  }
  return starts
}

/** Offsets after each line break within [start, end). */
export function lineStarts(words: string, start: number, end: number): number[] {
  const starts: number[] = []
  for (let at = words.indexOf('\n', start); at !== -1 && at + 1 < end; at = words.indexOf('\n', at + 1))
    starts.push(at + 1)
  return starts
}

/** Offsets within (start, end) at which a word begins after white space. */
export function wordStarts(words: string, start: number, end: number): number[] {
  const starts: number[] = []
  let wasSpace = false
  for (let i = start; i < end; i++) {
    const isSpace = space.test(words[i] as string)
    if (wasSpace && !isSpace) starts.push(i)
    wasSpace = isSpace
  }
  return starts
}
