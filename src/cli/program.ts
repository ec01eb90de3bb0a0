import { Argument, Command, CommanderError, Option } from 'commander'
import { describe, InvalidArgumentError, VecinoError } from '../spec/errors.ts'
import { type CommandDescriptor, longFlag, type OptionDescriptor } from './command.ts'
import { commandLoaders, loadCommands } from './commands/index.ts'
import { exitStatus, statusMeanings } from './exit-codes.ts'
import { reportError } from './report-error.ts'
import type { Terminal } from './terminal.ts'

export interface ProgramOptions {
  readonly version: string
  readonly terminal: Terminal
  readonly signal: AbortSignal
  /** Called once the command is known: says whether it ends by itself after an abort. */
  readonly onCommand?: (command: CommandDescriptor) => void
}

/**
 * Parse `argv` (without node and script), run the command and say the exit status.
 * Loads only the module of the command that is named; all of them for the help.
 */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<number> {
  const { terminal } = options
  // The flag may stand behind an argument that does not parse, and the error must still come as JSON.
  const json = argv.includes('--json') && !argv.slice(0, argv.indexOf('--json')).includes('--')
  let command: CommandDescriptor | undefined
  try {
    const [name = ''] = argv
    const loader = Object.hasOwn(commandLoaders, name) ? commandLoaders[name] : undefined
    const commands = loader === undefined ? await loadCommands() : [(await loader()).command]
    if (loader !== undefined) [command] = commands
    let status: number | undefined
    const program = createProgram(commands, options, (result) => {
      status = result
    })
    if (argv.length === 0) {
      program.outputHelp()
      return exitStatus.done
    }
    await program.parseAsync([...argv], { from: 'user' })
    return status ?? exitStatus.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitStatus.done
    return reportError(error instanceof CommanderError ? usageError(error, argv) : error, terminal, { json, command })
  }
}

function createProgram(
  commands: readonly CommandDescriptor[],
  options: ProgramOptions,
  onEnd: (status: number | undefined) => void,
): Command {
  const { terminal } = options
  const program = new Command('vecino')
  program
    .description('Neighbours you can trust: embed, search, compare and measure texts, offline from the first second.')
    .version(options.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: terminal.out,
      // Usage errors are reported in our own words.
      writeErr: () => {},
      getOutHelpWidth: () => terminal.columns,
      getOutHasColors: () => false,
    })
    .addHelpText('after', () => helpFooter(terminal))
  for (const descriptor of commands) addCommand(program, descriptor, options, onEnd)
  return program
}

function addCommand(
  program: Command,
  descriptor: CommandDescriptor,
  { terminal, signal, onCommand }: ProgramOptions,
  onEnd: (status: number | undefined) => void,
): void {
  const command = program.command(descriptor.name)
  command
    .description(descriptor.summary)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', () => `\nExamples:\n${descriptor.examples.map((line) => `  ${line}\n`).join('')}`)
  for (const argument of descriptor.arguments) {
    const name = argument.variadic === true ? `${argument.name}...` : argument.name
    command.addArgument(new Argument(argument.required ? `<${name}>` : `[${name}]`, argument.summary))
  }
  for (const option of descriptor.options) command.addOption(commanderOption(option))
  command.action(async () => {
    onCommand?.(descriptor)
    const flags = command.opts()
    onEnd(await descriptor.run({ words: command.args, flags, terminal, json: flags['json'] === true, signal }))
  })
}

function commanderOption(descriptor: OptionDescriptor): Option {
  const { flags, summary, parse = (text: string) => text, repeatable = false, fallback } = descriptor
  const option = new Option(flags, fallback === undefined ? summary : `${summary} (default: ${fallback})`)
  if (!flags.includes('<')) return option
  const flag = longFlag(descriptor)
  return option.argParser((text: string, previous: unknown) => {
    const value = parse(text, flag)
    if (repeatable) return previous === undefined ? [value] : [...(previous as unknown[]), value]
    if (previous !== undefined)
      throw new InvalidArgumentError(flag, 'one value', [previous, value], 'Give the flag once.')
    return value
  })
}

/** A parser's complaint in the grammar of our errors, with its guess at what was meant. */
function usageError(error: CommanderError, argv: readonly string[]): VecinoError {
  const [first = '', guess = ''] = error.message.replace(/^error: /, '').split('\n')
  const [name = '', asked = ''] = argv
  const isKnown = Object.hasOwn(commandLoaders, name)
  const place = isKnown ? `vecino ${name}` : 'vecino'
  const meant = /\(Did you mean (.*)\?\)/.exec(guess)?.[1]
  const remedy = `${meant === undefined ? '' : `Did you mean ${meant}? `}See: ${place} --help`
  const quoted = /'([^']*)'/.exec(first)?.[1] ?? ''
  return new VecinoError('invalid-argument', `${place}: ${complaint(error.code, first, quoted, isKnown, asked)}.`, {
    remedy,
  })
}

function complaint(code: string, message: string, quoted: string, isKnown: boolean, asked: string): string {
  if (code === 'commander.unknownOption')
    return `expected ${isKnown ? 'one of its flags' : 'a command, and flags after it'}, got ${describe(quoted)}`
  if (code === 'commander.help') return `expected the name of a command after help, got ${describe(asked)}`
  if (code === 'commander.unknownCommand') return `expected the name of a command, got ${describe(quoted)}`
  if (code === 'commander.missingArgument') return `expected the argument <${quoted}>, got nothing`
  if (code === 'commander.optionMissingArgument') return `expected a value after ${quoted}, got nothing`
  if (code === 'commander.excessArguments')
    return `expected fewer arguments, ${message.replace(/^.*?but (got \d+).*$/, '$1')}`
  return message
}

function helpFooter(terminal: Terminal): string {
  const statuses = statusMeanings.map(([status, meaning]) => `  ${String(status).padStart(3)}  ${meaning}\n`).join('')
  const heading = (text: string) => terminal.paint('bold', text)
  return `
${heading('First steps:')}
  vecino try                      a built-in help centre, searched by words and by meaning
  vecino add ./docs               a folder of your own, into a collection in the current folder
  vecino search "your question"   by meaning and by words

${heading('Exit statuses:')}
${statuses}
${heading('Environment:')}
  NO_COLOR, FORCE_COLOR           colour off, colour on
  VECINO_DEBUG=1                  print where an error comes from
`
}
