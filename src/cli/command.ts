import type { Terminal } from './terminal.ts'

/** A positional argument: `<name>` where required, `[name]` where not. */
export interface ArgumentDescriptor {
  readonly name: string
  readonly summary: string
  readonly required: boolean
  readonly variadic?: boolean
  /** What completion offers: paths, or one of these words. */
  readonly complete?: 'paths' | readonly string[]
}

export interface OptionDescriptor {
  /** As in the help: `-k, --top-k <n>`; a flag without a value has no `<…>`. */
  readonly flags: string
  readonly summary: string
  /** Turns the text into the value, or throws `InvalidArgumentError` naming the flag. @default the text itself */
  readonly parse?: (text: string, flag: string) => unknown
  /** May be given several times; its value is then an array. @default false */
  readonly repeatable?: boolean
  /** Shown in the help; the value itself is left to the function that is called. */
  readonly fallback?: string
  readonly complete?: 'paths' | readonly string[]
}

/** What one run of a command gets: the parsed flags in camelCase, the words, and the way out. */
export interface CommandInput<Flags> {
  readonly words: readonly string[]
  readonly flags: Flags
  readonly terminal: Terminal
  /** True with `--json`: one JSON document on stdout, JSON lines on stderr. */
  readonly json: boolean
  /** Aborted by the first Ctrl-C, for commands that say `interruptible`. */
  readonly signal: AbortSignal
}

/**
 * A command as help, completion and documentation see it. Its module imports nothing heavy:
 * `run` imports what it calls.
 */
export interface CommandDescriptor<Flags = Record<string, unknown>> {
  readonly name: string
  readonly summary: string
  readonly arguments: readonly ArgumentDescriptor[]
  readonly options: readonly OptionDescriptor[]
  readonly examples: readonly string[]
  /** Ends by itself after an abort and says what is durable; others end at once. @default false */
  readonly interruptible?: boolean
  /** @returns the exit status. @default 0 */
  run(input: CommandInput<Flags>): Promise<number | undefined>
}

/** Checks a descriptor's `run` against its flags, then forgets them so that all descriptors share one type. */
export function defineCommand<Flags>(descriptor: CommandDescriptor<Flags>): CommandDescriptor {
  return descriptor as unknown as CommandDescriptor
}

export interface JsonFlag {
  readonly json?: boolean
}

export const jsonOption: OptionDescriptor = {
  flags: '--json',
  summary: 'print one JSON document on stdout, JSON lines on stderr',
}

/** `--top-k` of `-k, --top-k <n>`. */
export function longFlag(option: OptionDescriptor): string {
  return /--[a-z][a-z-]*/.exec(option.flags)?.[0] ?? option.flags
}

/** The flag of an option in camelCase: `--top-k` of `topK`, `--neighbors` of `nNeighbors`. */
export function flagOf(name: string): string {
  return `--${name.replace(/^n(?=[A-Z])/, '').replace(/[A-Z]/g, (letter, at) => `${at > 0 ? '-' : ''}${letter.toLowerCase()}`)}`
}

/** `-k` of `-k, --top-k <n>`, where there is one. */
export function shortFlag(option: OptionDescriptor): string | undefined {
  return /(?:^|, )(-[a-zA-Z])\b/.exec(option.flags)?.[1]
}

/** True where the flag is followed by a value. */
export function takesValue(option: OptionDescriptor): boolean {
  return option.flags.includes('<')
}
