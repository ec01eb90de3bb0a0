import { NotFoundError, UnreadableInputError, type VecinoError } from '../spec/errors.ts'

const meanings: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ['permission denied', 'Give this user the right to read it, or exclude it.'],
  EPERM: ['permission denied', 'Give this user the right to read it, or exclude it.'],
  EMFILE: ['too many open files', 'Raise the limit: ulimit -n.'],
  ELOOP: ['a symbolic link that leads nowhere', 'Name the file it should lead to.'],
}

const checkPath = 'Check the path; it is read from the current folder.'
const addText = 'A text itself goes in as a record, { text }, or through `vecino add -`.'

/** What the file system said, as an error of ours that names the path. */
export function unreadable(path: string, error: unknown): VecinoError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new NotFoundError('file or folder', path, /\s/.test(path) ? `${checkPath} ${addText}` : checkPath)
  const [meaning, remedy] = meanings[code ?? ''] ?? ['a failure of the file system', undefined]
  return new UnreadableInputError(path, 'a file or folder that can be read', `${meaning} (${code})`, {
    remedy,
    cause: error,
  })
}
