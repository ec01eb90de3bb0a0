export interface Robots {
  allows(path: string): boolean
  /** Seconds wanted between two requests; undefined where nothing is said. */
  readonly delaySeconds: number | undefined
}

interface Rule {
  readonly allow: boolean
  readonly path: string
}

/**
 * Rules of a robots.txt for one agent, else for all.
 *
 * Source: RFC 9309: the longest matching path wins, of equal ones the allowing; `*` and `$` as there. `Crawl-delay`, which
 * it leaves out, is heeded too.
 */
export function parseRobots(text: string, agent: string): Robots {
  const groups: { agents: string[]; rules: Rule[]; delay: number | undefined }[] = []
  let open = false
  for (const line of text.slice(0, 500_000).split(/\r?\n/)) {
    const [, name = '', value = ''] = /^\s*([A-Za-z-]+)\s*:\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? []
    const field = name.toLowerCase()
    if (field === 'user-agent') {
      if (!open) groups.push({ agents: [], rules: [], delay: undefined })
      groups.at(-1)?.agents.push(value.toLowerCase())
      open = true
      continue
    }
    const group = groups.at(-1)
    if (group === undefined || !['allow', 'disallow', 'crawl-delay'].includes(field)) continue
    open = false
    if (field === 'crawl-delay') group.delay = Number(value) >= 0 ? Number(value) : undefined
    else if (value !== '') group.rules.push({ allow: field === 'allow', path: value })
  }
  const own = groups.filter(({ agents }) => agents.includes(agent.toLowerCase()))
  const chosen = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes('*'))
  const rules = chosen.flatMap((group) => group.rules)
  return {
    delaySeconds: chosen.find(({ delay }) => delay !== undefined)?.delay,
    allows(path) {
      let best: Rule | undefined
      for (const rule of rules)
        if (
          matches(rule.path, path) &&
          (best === undefined ||
            rule.path.length > best.path.length ||
            (rule.path.length === best.path.length && rule.allow))
        )
          best = rule
      return best?.allow ?? true
    },
  }
}

/** Without a regular expression, which a hostile file could make slow. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$')
  const parts = (isWhole ? pattern.slice(0, -1) : pattern).split('*')
  if (!path.startsWith(parts[0] as string)) return false
  let at = (parts[0] as string).length
  for (const [i, part] of parts.slice(1).entries()) {
    const isLast = i === parts.length - 2
    const found = isWhole && isLast ? path.lastIndexOf(part) : path.indexOf(part, at)
    if (found < at) return false
    at = found + part.length
  }
  return !isWhole || at === path.length || (parts.at(-1) === '' && parts.length > 1)
}
