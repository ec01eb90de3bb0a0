import {
  type ArgumentDescriptor,
  type CommandDescriptor,
  longFlag,
  type OptionDescriptor,
  shortFlag,
  takesValue,
} from './command.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A completion script for `vecino`, made from the same descriptors as the help. */
export function completionScript(shell: Shell, commands: readonly CommandDescriptor[]): string {
  if (shell === 'bash') return bashScript(commands)
  return shell === 'zsh' ? zshScript(commands) : fishScript(commands)
}

function bashScript(commands: readonly CommandDescriptor[]): string {
  const names = [...commands.map(({ name }) => name), 'help', '--help', '--version']
  const cases = commands.map((command) => {
    const flags = command.options.flatMap((option) =>
      [shortFlag(option), longFlag(option)].filter((f) => f !== undefined),
    )
    const values = command.options.filter(takesValue).map((option) => {
      const patterns = [shortFlag(option), longFlag(option)].filter((flag) => flag !== undefined).join('|')
      return `        ${patterns}) ${bashWords(option.complete)}; return ;;`
    })
    const words = bashWords(command.arguments.find(({ complete }) => complete !== undefined)?.complete)
    return [
      `    ${command.name})`,
      '      case "$previous" in',
      ...values,
      '      esac',
      `      if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "${[...flags, '--help'].join(' ')}" -- "$current"))`,
      `      else ${words}; fi ;;`,
    ].join('\n')
  })
  return `# vecino completion for bash. Install: vecino completion bash > ~/.local/share/bash-completion/completions/vecino
_vecino() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${names.join(' ')}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current")) ;;
  esac
}
complete -o filenames -F _vecino vecino
`
}

function bashWords(complete: OptionDescriptor['complete']): string {
  if (complete === undefined) return ':'
  if (complete === 'paths') return 'COMPREPLY=($(compgen -f -- "$current"))'
  return `COMPREPLY=($(compgen -W "${complete.join(' ')}" -- "$current"))`
}

function zshScript(commands: readonly CommandDescriptor[]): string {
  const list = commands.map(({ name, summary }) => `    ${zshQuote(`${name}:${summary}`)}`)
  const cases = commands.map((command) => {
    const specs = [
      ...command.options.map(zshOption),
      zshQuote('--help[print the help]'),
      ...command.arguments.map(zshArgument),
    ]
    return `    ${command.name})\n      _arguments -S \\\n${specs.map((spec) => `        ${spec}`).join(' \\\n')} ;;`
  })
  return `#compdef vecino
# vecino completion for zsh. Install: vecino completion zsh > "\${fpath[1]}/_vecino"
_vecino() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
if [[ "$funcstack[1]" == _vecino ]]; then _vecino "$@"; else compdef _vecino vecino; fi
`
}

function zshOption(option: OptionDescriptor): string {
  const repeat = option.repeatable === true ? '*' : ''
  const summary = option.summary.replace(/[[\]:]/g, '\\$&')
  const value = takesValue(option) ? `:value:${zshAction(option.complete)}` : ''
  return [shortFlag(option), longFlag(option)]
    .filter((flag) => flag !== undefined)
    .map((flag) => zshQuote(`${repeat}${flag}[${summary}]${value}`))
    .join(' ')
}

function zshArgument({ name, required, variadic, complete }: ArgumentDescriptor): string {
  const place = variadic === true ? '*:' : required ? ':' : '::'
  return zshQuote(`${place}${name}:${zshAction(complete)}`)
}

function zshAction(complete: OptionDescriptor['complete']): string {
  if (complete === undefined) return ' '
  return complete === 'paths' ? '_files' : `(${complete.join(' ')})`
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function fishScript(commands: readonly CommandDescriptor[]): string {
  const lines = [
    '# vecino completion for fish. Install: vecino completion fish > ~/.config/fish/completions/vecino.fish',
    'complete -c vecino -f',
    'complete -c vecino -n __fish_use_subcommand -s h -l help -d "print the help"',
    'complete -c vecino -n __fish_use_subcommand -s V -l version -d "print the version"',
  ]
  for (const { name, summary, options, arguments: args } of commands) {
    lines.push(`complete -c vecino -n __fish_use_subcommand -a ${name} -d ${fishQuote(summary)}`)
    const here = `-n '__fish_seen_subcommand_from ${name}'`
    for (const option of options) {
      const short = shortFlag(option)
      const parts = [`complete -c vecino ${here}`]
      if (short !== undefined) parts.push(`-s ${short.slice(1)}`)
      parts.push(`-l ${longFlag(option).slice(2)}`)
      if (takesValue(option)) parts.push('-r')
      parts.push(fishWords(option.complete), `-d ${fishQuote(option.summary)}`)
      lines.push(parts.filter((part) => part !== '').join(' '))
    }
    for (const { complete } of args)
      if (complete !== undefined) lines.push(`complete -c vecino ${here} ${fishWords(complete)}`)
  }
  return `${lines.join('\n')}\n`
}

function fishWords(complete: OptionDescriptor['complete']): string {
  if (complete === undefined) return ''
  return complete === 'paths' ? '-F' : `-a ${fishQuote(complete.join(' '))}`
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
