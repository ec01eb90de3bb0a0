import { sep } from 'node:path'

/**
 * Short names that tell several added paths apart: each path's last part, or as many of its last parts as it takes.
 *
 * @param paths - Absolute paths, each once.
 */
export function rootLabels(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(sep).filter((part) => part !== ''))
  const taken = parts.map(() => 1)
  const label = (i: number) => (parts[i] as string[]).slice(-(taken[i] as number)).join('/')
  for (;;) {
    const owners = new Map<string, number[]>()
    for (const i of parts.keys()) owners.set(label(i), [...(owners.get(label(i)) ?? []), i])
    const clashing = [...owners.values()].filter((group) => group.length > 1).flat()
    const longer = clashing.filter((i) => (taken[i] as number) < (parts[i] as string[]).length)
    if (longer.length === 0) return paths.map((_, i) => label(i))
    for (const i of longer) taken[i] = (taken[i] as number) + 1
  }
}
