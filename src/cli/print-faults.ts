import type { StoreFault } from '../spec/store.ts'
import { plural } from './progress.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

const sourcesNamed = 5

/** What is damaged, where, and whose data it is. */
export function printFaults(faults: readonly StoreFault[], terminal: Terminal): void {
  for (const { place, problem, sources } of faults) {
    // A problem that was met as an error says its place and a remedy, too.
    const said = problem.startsWith(`${place}: `) ? problem.slice(place.length + 2) : problem
    const what = safeLine(said.replace(/ Run `vecino verify` .*$/, ''))
    terminal.out(`${terminal.paint('red', safeLine(place))}\n    ${what}\n`)
    for (const source of sources.slice(0, sourcesNamed)) terminal.out(`    source: ${safeLine(source)}\n`)
    if (sources.length > sourcesNamed) terminal.out(`    and ${plural(sources.length - sourcesNamed, 'source')} more\n`)
    if (sources.length === 0) terminal.out('    no text of yours is touched; it is derived data\n')
  }
}
