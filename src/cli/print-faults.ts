import type { StoreFault } from '../spec/store.ts'
import { plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

const sourcesNamed = 5

/** What is damaged, where, and whose data it is. */
export function printFaults(faults: readonly StoreFault[], terminal: Terminal): void {
  for (const { place, problem, sources } of faults) {
    terminal.out(`${terminal.paint('red', safeLine(place))}  ${safeLine(problem)}\n`)
    for (const source of sources.slice(0, sourcesNamed)) terminal.out(`    ${safeLine(source)}\n`)
    if (sources.length > sourcesNamed) terminal.out(`    and ${plural(sources.length - sourcesNamed, 'source')} more\n`)
    if (sources.length === 0) terminal.out('    no text of yours is touched; it is derived data\n')
  }
}
