import type { PullPlan } from '../models/pull.ts'
import { safeLine } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

export function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

/** What a pull is about to do: name, files, size, licence and target, before a byte moves. */
export function printPlan(plan: PullPlan, warning: string | undefined, terminal: Terminal): void {
  const present = plan.presentBytes > 0 ? `, ${megabytes(plan.presentBytes)} of it here already` : ''
  const lines = [
    plan.model,
    `  from     ${safeLine(plan.source)}${plan.revision === null ? '' : `, commit ${plan.revision.slice(0, 12)}`}`,
    `  licence  ${plan.licence === null ? 'not stated: look it up before you use the model' : safeLine(plan.licence)}`,
    `  size     ${megabytes(plan.sizeBytes)} in ${plan.files.length} files${present}`,
    `  into     ${plan.target}`,
    ...plan.files.map(({ path, sizeBytes }) => `           ${path}  ${megabytes(sizeBytes)}`),
    ...(warning === undefined ? [] : [`  warning  ${warning}`]),
  ]
  terminal.note(lines.join('\n'))
}
