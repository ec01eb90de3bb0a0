import type { SearchMode } from '../spec/collection.ts'
import { InvalidArgumentError } from '../spec/errors.ts'
import { assertFilter, type Filter } from '../spec/filter.ts'
import type { OptionDescriptor } from './command.ts'
import { parseCondition } from './condition.ts'

/** A whole number in [least, most]; nothing is rounded or clamped. */
export function integerFlag(least: number, most = Number.MAX_SAFE_INTEGER): (text: string, flag: string) => number {
  const expected = most === Number.MAX_SAFE_INTEGER ? `an integer ≥ ${least}` : `an integer from ${least} to ${most}`
  return (text, flag) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(flag, expected, text)
    return value
  }
}

/** A share in (0, most]. */
export function rateFlag(most: number): (text: string, flag: string) => number {
  return (text, flag) => {
    const value = /^[+]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    if (!(value > 0 && value <= most))
      throw new InvalidArgumentError(flag, `a number above 0 and at most ${most}, such as 0.05`, text)
    return value
  }
}

/** US dollars, above 0 or from 0 on. */
function usdFlag(least: 'above 0' | 'from 0'): (text: string, flag: string) => number {
  return (text, flag) => {
    const value = /^\$?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text.replace('$', '')) : Number.NaN
    if (!(Number.isFinite(value) && (least === 'from 0' ? value >= 0 : value > 0)))
      throw new InvalidArgumentError(flag, `US dollars ${least}, such as 0.50`, text)
    return value
  }
}

/** One of a few words. */
export function choiceFlag(choices: readonly string[]): (text: string, flag: string) => string {
  return (text, flag) => {
    if (!choices.includes(text)) throw new InvalidArgumentError(flag, `one of ${choices.join(', ')}`, text)
    return text
  }
}

/** Names with commas between them. */
export function listFlag(text: string, flag: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new InvalidArgumentError(flag, 'names with commas between them', text)
  return names
}

const modes: Readonly<Record<string, SearchMode>> = {
  both: 'hybrid',
  meaning: 'semantic',
  words: 'keyword',
  hybrid: 'hybrid',
  semantic: 'semantic',
  keyword: 'keyword',
}

export function modeFlag(text: string, flag: string): SearchMode {
  const mode = Object.hasOwn(modes, text) ? modes[text] : undefined
  if (mode === undefined)
    throw new InvalidArgumentError(flag, 'both, meaning or words (also hybrid, semantic, keyword)', text)
  return mode
}

function filterFlag(text: string, flag: string): Filter {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError(flag, 'JSON such as {"field":"lang","eq":"en"}', text, `Simpler: --where lang=en.`)
  }
  assertFilter(parsed, flag)
  return parsed
}

export interface FilterFlags {
  readonly filter?: Filter
  readonly where?: readonly Filter[]
}

/** `--filter` and every `--where`, all of which must hold. */
export function filterOf({ filter, where = [] }: FilterFlags): Filter | undefined {
  const parts = filter === undefined ? where : [filter, ...where]
  return parts.length > 1 ? { and: parts } : parts[0]
}

export const filterOptions: readonly OptionDescriptor[] = [
  {
    flags: '--where <condition>',
    summary: "only where metadata holds, such as lang=en or 'price<10'; several must all hold",
    parse: parseCondition,
    repeatable: true,
  },
  { flags: '--filter <json>', summary: 'the same as a JSON filter, with and, or, not', parse: filterFlag },
]

export interface CollectionFlag {
  readonly collection?: string
}

export const collectionOption: OptionDescriptor = {
  flags: '-c, --collection <path>',
  summary: 'the collection file',
  complete: 'paths',
}

export const modelOption: OptionDescriptor = {
  flags: '-m, --model <name>',
  summary: 'a model by name, or its folder',
  complete: 'paths',
}

/** What counts as one item: a whole source, or each of its passages. */
export interface UnitFlag {
  readonly by?: 'source' | 'passage'
}

const units = ['source', 'passage']

export function unitOption(summary: string): OptionDescriptor {
  return { flags: '--by <unit>', summary, parse: choiceFlag(units), fallback: 'source', complete: units }
}

export interface SpendingFlags {
  readonly maxUsd?: number
  readonly usdPerMillionTokens?: number
}

export const spendingFlags: readonly OptionDescriptor[] = [
  {
    flags: '--max-usd <usd>',
    summary: 'stop before the call that could make the run cost more; what was done is kept',
    parse: usdFlag('above 0'),
    fallback: 'no bound',
  },
  {
    flags: '--usd-per-million-tokens <usd>',
    summary: 'your price, where it is another than the published one, or none is known',
    parse: usdFlag('from 0'),
    fallback: "the model's",
  },
]
