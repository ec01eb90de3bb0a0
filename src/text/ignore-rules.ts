import { readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { unreadable } from './unreadable.ts'

const ignoreFiles = ['.gitignore', '.vecinoignore']

/** The patterns of one folder's ignore files. Paths are relative to the added root; `''` is the root itself. */
interface Level {
  /** Path of the folder below the root, with a closing `/` unless it is the root. */
  readonly base: string
  /** Path from the folder down to the root, where the folder lies above it. */
  readonly prefix: string
  readonly matcher: Ignore
}

/** Ignore rules in force in a folder, outermost first: later ones win, as in git. */
export type IgnoreRules = readonly Level[]

/** One matcher for gitignore-style patterns, by the letter case of the platform's files. */
export function matcherOf(patterns: string | readonly string[]): Ignore {
  return ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' }).add(patterns)
}

/**
 * The rules with those of one more folder.
 *
 * @param folder - Absolute path.
 * @param base - The same relative to the root, `''` or ending in `/`.
 * @param names - Files of the folder, so that absent ignore files cost nothing; `undefined` where not known.
 */
export async function withFolderRules(
  rules: IgnoreRules,
  folder: string,
  base: string,
  names: ReadonlySet<string> | undefined,
): Promise<IgnoreRules> {
  const matcher = await folderMatcher(folder, names)
  return matcher === undefined ? rules : [...rules, { base, prefix: '', matcher }]
}

/**
 * Rules of the folders above an added root, up to the top of the repository it lies in; none outside a repository.
 * A folder's rule that would ignore the root itself is passed over: who names a folder wants it.
 */
export async function rulesAbove(root: string): Promise<IgnoreRules> {
  const above: string[] = []
  for (let folder = root; ; folder = dirname(folder)) {
    if (folder !== root) above.unshift(folder)
    if (await isRepository(folder)) break
    if (dirname(folder) === folder) return []
  }
  const rules: Level[] = []
  for (const folder of above) {
    const matcher = await folderMatcher(folder, undefined)
    const prefix = `${relative(folder, root).split(sep).join('/')}/`
    if (matcher !== undefined && !matcher.ignores(prefix)) rules.push({ base: '', prefix, matcher })
  }
  return rules
}

/** @param path - Relative to the root; a folder's ends in `/`. */
export function isIgnored(rules: IgnoreRules, path: string): boolean {
  let ignored = false
  for (const { base, prefix, matcher } of rules) {
    const verdict = matcher.test(prefix + path.slice(base.length))
    if (verdict.ignored) ignored = true
    else if (verdict.unignored) ignored = false
  }
  return ignored
}

async function folderMatcher(folder: string, names: ReadonlySet<string> | undefined): Promise<Ignore | undefined> {
  const texts: string[] = []
  for (const name of ignoreFiles) {
    if (names !== undefined && !names.has(name)) continue
    const path = join(folder, name)
    try {
      texts.push(await readFile(path, 'utf8'))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'EISDIR') throw unreadable(path, error)
    }
  }
  return texts.length === 0 ? undefined : matcherOf(texts.join('\n'))
}

async function isRepository(folder: string): Promise<boolean> {
  try {
    await readFile(join(folder, '.git', 'HEAD'))
    return true
  } catch {
    return false
  }
}
