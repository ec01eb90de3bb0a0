import { InvalidArgumentError } from '../../spec/errors.ts'
import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'

export const command = defineCommand<JsonFlag>({
  name: 'completion',
  summary: 'a completion script for your shell',
  arguments: [{ name: 'shell', summary: 'bash, zsh or fish', required: true, complete: ['bash', 'zsh', 'fish'] }],
  options: [jsonOption],
  examples: ['source <(vecino completion bash)', 'vecino completion fish > ~/.config/fish/completions/vecino.fish'],
  async run({ words, terminal, json }: CommandInput<JsonFlag>) {
    const [{ completionScript, shells }, { loadCommands }, { printJson }] = await Promise.all([
      import('../completion-script.ts'),
      import('./index.ts'),
      import('../print-json.ts'),
    ])
    const shell = shells.find((name) => name === words[0])
    if (shell === undefined) throw new InvalidArgumentError('shell', `one of ${shells.join(', ')}`, words[0])
    const script = completionScript(shell, await loadCommands())
    if (json) printJson({ shell, script }, terminal)
    else terminal.out(script)
    return undefined
  },
})
