import { type CommandInput, defineCommand, type JsonFlag, jsonOption } from '../command.ts'
import { exitStatus } from '../exit-codes.ts'

const labels = { ok: 'ok', missing: 'missing', optional: 'absent' } as const
const styles = { ok: 'green', missing: 'red', optional: 'yellow' } as const

interface DoctorFlags extends JsonFlag {
  readonly ollama?: boolean
}

export const command = defineCommand<DoctorFlags>({
  name: 'doctor',
  summary: 'check what is needed on this machine, and how to mend it',
  arguments: [],
  options: [{ flags: '--ollama', summary: 'ask Ollama, too, what it has' }, jsonOption],
  examples: ['vecino doctor', 'vecino doctor --ollama', 'vecino doctor --json'],
  async run({ flags, terminal, json }: CommandInput<DoctorFlags>) {
    const [{ examine }, { printJson }] = await Promise.all([import('../examine.ts'), import('../print-json.ts')])
    const findings = await examine({ environment: terminal.environment, asksOllama: flags.ollama })
    const isHealthy = findings.every(({ state }) => state !== 'missing')
    if (json) printJson({ ok: isHealthy, checks: findings }, terminal)
    else {
      const width = Math.max(...findings.map(({ name }) => name.length))
      for (const { name, state, detail, remedy } of findings) {
        terminal.out(`${terminal.paint(styles[state], labels[state].padEnd(8))}${name.padEnd(width + 2)}${detail}\n`)
        if (remedy !== undefined) terminal.out(`${' '.repeat(width + 10)}→ ${remedy}\n`)
      }
      const optional = findings.filter(({ state }) => state === 'optional').length
      const also = optional === 0 ? '' : ` What is absent is optional.`
      terminal.note(isHealthy ? `Everything that is needed is here.${also}` : 'Something that is needed is missing.')
    }
    return isHealthy ? exitStatus.done : exitStatus.missing
  },
})
