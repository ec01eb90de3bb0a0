import { InvalidArgumentError } from '../spec/errors.ts'
import type { OptionDescriptor } from './command.ts'
import { choiceFlag } from './flags.ts'

export type TableFormat = 'table' | 'json' | 'csv' | 'markdown'

export interface FormatFlags {
  readonly format?: TableFormat
  readonly json?: boolean
}

const formats: readonly TableFormat[] = ['table', 'json', 'csv', 'markdown']

export const formatOption: OptionDescriptor = {
  flags: '--format <format>',
  summary: 'table, json (as --json), csv or markdown',
  parse: choiceFlag(formats),
  fallback: 'table',
  complete: formats,
}

/** `--format` and `--json` as one answer. @throws {InvalidArgumentError} when they contradict each other. */
export function tableFormat({ format, json }: FormatFlags): TableFormat {
  if (json === true && format !== undefined && format !== 'json')
    throw new InvalidArgumentError('--format', 'json beside --json', format, 'Give one or the other.')
  return json === true ? 'json' : (format ?? 'table')
}
