import type { Dirent, Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Notice, SourceFile } from '../spec/collection.ts'
import { InvalidArgumentError, UnreadableInputError } from '../spec/errors.ts'
import { extensionOf, type FileFormat, formatOf, isGenerated } from './formats.ts'
import { type IgnoreRules, isIgnored, matcherOf, rulesAbove, withFolderRules } from './ignore-rules.ts'
import { rootLabels } from './root-labels.ts'
import { unreadable } from './unreadable.ts'

export interface WalkOptions {
  /** Gitignore-style patterns, relative to each root, of files to take. @default all readable formats */
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Take what `.gitignore` and `.vecinoignore` name too. @default false */
  readonly noIgnore?: boolean | undefined
  readonly onNotice?: ((notice: Notice) => void) | undefined
}

export interface FoundFile {
  readonly file: SourceFile
  /** Path relative to the added folder, with `/`; a single file's base name. One file, one id. */
  readonly id: string
  readonly format: FileFormat
  /** The user named this very file, so that what cannot be read of it is an error and not a notice. */
  readonly isNamed: boolean
  /** Absolute path of the added file or folder it was found under. */
  readonly root: string
}

interface Root {
  readonly path: string
  readonly real: string
  readonly stats: Stats
}

/** Folders that hold other people's files or a tool's own. */
const skippedFolders = ['node_modules']
/** A collection of ours with its companions: `docs.vecino`, `docs.vecino-wal` … */
const collectionFile = /\.vecino(?:-[a-z]+)?$/

/**
 * Files to read under some paths, in an order that depends on nothing but their names.
 *
 * Hidden files, `node_modules`, collections of ours and what ignore files name are passed over without a word; files of
 * an unknown format, generated ones and symbolic links with a notice. Links are never followed below a root, so there is
 * no loop and no way out. A file met twice is given once. With several roots, ids begin with the root's name.
 *
 * @throws {NotFoundError} for a path that is not there.
 * @throws {UnreadableInputError} for a folder that cannot be listed, or a named file of an unknown format.
 *
 * Cost: one listing a folder, one stat a file; no file is opened but ignore files.
 */
export async function* walk(paths: readonly string[], options: WalkOptions = {}): AsyncGenerator<FoundFile> {
  if (paths.length === 0) throw new InvalidArgumentError('paths', 'at least one file or folder', paths)
  const roots = await openRoots(paths)
  const labels = rootLabels(roots.map((root) => root.path))
  const seen = new Set<string>()
  const pathOfId = new Map<string, string>()
  const first = (found: FoundFile, real: string): boolean => {
    if (seen.has(real)) return false
    seen.add(real)
    const other = pathOfId.get(found.id)
    if (other !== undefined)
      throw new InvalidArgumentError(
        'paths',
        `paths whose files have different names`,
        found.id,
        'Add them one by one.',
      )
    pathOfId.set(found.id, found.file.path)
    return true
  }
  for (const [i, root] of roots.entries()) {
    const label = labels[i] as string
    if (!root.stats.isDirectory()) {
      const found = namedFile(root, label)
      if (first(found, root.real)) yield found
      continue
    }
    const prefix = roots.length > 1 ? `${label}/` : ''
    for await (const found of walkFolder(root, prefix, options))
      if (first(found, join(root.real, found.id.slice(prefix.length)))) yield found
  }
}

async function openRoots(paths: readonly string[]): Promise<Root[]> {
  const roots = new Map<string, Root>()
  for (const given of paths) {
    if (given === '' || given.includes('\0'))
      throw new InvalidArgumentError('paths', 'paths of files or folders', given)
    const path = resolve(given)
    try {
      roots.set(path, { path, real: await realpath(path), stats: await stat(path) })
    } catch (error) {
      throw unreadable(given, error)
    }
  }
  return [...roots.values()]
}

function namedFile(root: Root, label: string): FoundFile {
  const { path, stats } = root
  if (!stats.isFile())
    throw new UnreadableInputError(path, 'a file or a folder', 'neither', {
      remedy: 'To read a pipe, name it `-` (standard input).',
    })
  const format = formatOf(basename(path))
  if (format === undefined)
    throw new UnreadableInputError(path, 'a format that is read', unknownFormat(basename(path)), {
      remedy: 'Read are Markdown, text, HTML, JSON, JSONL, CSV, TSV and source code; convert it to one of these.',
    })
  return { file: sourceFile(path, stats), id: label, format, isNamed: true, root: path }
}

interface OpenFolder {
  /** Relative to the root: `''` or ending in `/`. */
  readonly base: string
  readonly entries: readonly Dirent[]
  readonly rules: IgnoreRules
  next: number
}

async function* walkFolder(root: Root, prefix: string, options: WalkOptions): AsyncGenerator<FoundFile> {
  const { include, exclude, noIgnore = false, onNotice } = options
  const wanted = include === undefined || include.length === 0 ? undefined : matcherOf(include)
  const unwanted = exclude === undefined || exclude.length === 0 ? undefined : matcherOf(exclude)
  const skip = (path: string, message: string) => onNotice?.({ kind: 'skipped-file', source: prefix + path, message })

  const open = async (base: string, rules: IgnoreRules): Promise<OpenFolder> => {
    const path = resolve(root.path, base)
    let entries: Dirent[]
    try {
      entries = await readdir(path, { withFileTypes: true })
    } catch (error) {
      throw unreadable(path, error)
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    const names = new Set(entries.map((entry) => entry.name))
    return { base, entries, rules: noIgnore ? rules : await withFolderRules(rules, path, base, names), next: 0 }
  }

  const folders = [await open('', noIgnore ? [] : await rulesAbove(root.path))]
  for (let folder = folders.at(-1); folder !== undefined; folder = folders.at(-1)) {
    const entry = folder.entries[folder.next++]
    if (entry === undefined) {
      folders.pop()
      continue
    }
    const { name } = entry
    const relative = folder.base + name
    if (name.startsWith('.') || collectionFile.test(name)) continue
    const asPattern = entry.isDirectory() ? `${relative}/` : relative
    if (unwanted?.ignores(asPattern) || isIgnored(folder.rules, asPattern)) continue
    if (entry.isDirectory()) {
      if (!skippedFolders.includes(name)) folders.push(await open(`${relative}/`, folder.rules))
      continue
    }
    if (wanted !== undefined && !wanted.ignores(relative)) continue
    if (entry.isSymbolicLink()) {
      skip(relative, 'it is a symbolic link; add what it leads to by its own path.')
      continue
    }
    const format = formatOf(name)
    const reason = !entry.isFile()
      ? 'it is neither a file nor a folder.'
      : format === undefined
        ? `${unknownFormat(name)} is not among the formats that are read.`
        : isGenerated(name)
          ? 'a tool generated it; name it to read it all the same.'
          : undefined
    if (format === undefined || reason !== undefined) {
      skip(relative, reason ?? unknownFormat(name))
      continue
    }
    const path = join(root.path, relative)
    let stats: Stats
    try {
      stats = await stat(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error)
      skip(relative, 'it went away while the folder was read, or its name is not UTF-8.')
      continue
    }
    yield { file: sourceFile(path, stats), id: prefix + relative, format, isNamed: false, root: root.path }
  }
}

function sourceFile(path: string, stats: Stats): SourceFile {
  return { path, modifiedMs: stats.mtimeMs, sizeBytes: stats.size }
}

function unknownFormat(name: string): string {
  const extension = extensionOf(name)
  return extension === undefined ? 'a name without an extension' : `.${extension}`
}
