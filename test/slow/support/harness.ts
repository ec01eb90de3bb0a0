/** What the slow suites share: a ledger of passes and failures, and a closing line that a script can read. */

export class Ledger {
  passed = 0
  failed = 0

  /** Count a trial; one that fails is printed with what it takes to run it again. */
  async trial(name: string, run: () => Promise<void> | void): Promise<boolean> {
    try {
      await run()
      this.passed++
      return true
    } catch (error) {
      this.failed++
      console.log(`FAILED ${name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
      return false
    }
  }

  close(): void {
    console.log(`${this.passed} passed, ${this.failed} failed`)
    process.exitCode = this.failed > 0 ? 1 : 0
  }
}

/** Run jobs, some at a time. */
export async function inParallel<T>(jobs: readonly T[], lanes: number, run: (job: T, lane: number) => Promise<void>) {
  let next = 0
  const lane = async (number: number) => {
    while (next < jobs.length) await run(jobs[next++] as T, number)
  }
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
}

/** The number given as `--name=…` on the command line. */
export function numberFlag(name: string, otherwise: number): number {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`))
  return given === undefined ? otherwise : Number(given.slice(name.length + 3))
}
