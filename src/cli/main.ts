#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import type { CommandDescriptor } from './command.ts'
import { exitStatus } from './exit-codes.ts'
import { processTerminal } from './terminal.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const terminal = processTerminal(process)
const interruption = new AbortController()
let running: CommandDescriptor | undefined

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone (`| head`): there is nobody left to write for.
    if (error.code === 'EPIPE') process.exit(exitStatus.done)
    process.exit(exitStatus.storage)
  })

process.on('SIGINT', () => {
  if (interruption.signal.aborted || running?.interruptible !== true) process.exit(exitStatus.interrupted)
  terminal.err(terminal.live ? '\r\u001b[2Kstopping … (Ctrl-C again to stop at once)\n' : '')
  interruption.abort()
})

const { runProgram } = await import('./program.ts')
const status = await runProgram(process.argv.slice(2), {
  version,
  terminal,
  signal: interruption.signal,
  onCommand: (command) => {
    running = command
  },
})
// A pipe takes its time; what was printed must be out before the process goes.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(status)
