import { InvalidArgumentError, NotFoundError, UnreadableInputError } from '../../spec/errors.ts'
import { chooseGraph, type GraphDtype, graphNames } from '../graph-files.ts'
import type { ModelFolder } from '../model-folder.ts'

/**
 * Files of a model in a page: the address of its folder, or each file by its path in the folder (`config.json`,
 * `onnx/model_quantized.onnx` …), as bytes or as an address. Addresses are of the page's own origin.
 */
export type WebFiles = string | URL | Readonly<Record<string, string | URL | Uint8Array | ArrayBuffer>>

/** @throws {InvalidArgumentError} for an address of another origin or with a query, and for what is neither address nor files. */
export function webFolder(files: WebFiles): ModelFolder {
  if (typeof files === 'string' || files instanceof URL) {
    const base = ownAddress(files, 'files')
    if (base.search !== '' || base.hash !== '')
      throw new InvalidArgumentError('files', 'the address of a folder, without ? and #', 'one with them')
    if (!base.pathname.endsWith('/')) base.pathname += '/'
    return { place: base.href.slice(0, -1), read: (name) => fetched(new URL(name, base)) }
  }
  if (typeof files !== 'object' || files === null)
    throw new InvalidArgumentError('files', "the address of a model's folder, or its files by path", files)
  return {
    place: 'files',
    async read(name) {
      const file = Object.hasOwn(files, name) ? files[name] : undefined
      if (file === undefined || file instanceof Uint8Array) return file
      if (file instanceof ArrayBuffer) return new Uint8Array(file)
      if (typeof file !== 'string' && !(file instanceof URL))
        throw new InvalidArgumentError(`files['${name}']`, 'bytes or an address', file)
      const address = ownAddress(file, `files['${name}']`)
      const bytes = await fetched(address)
      if (bytes === undefined) throw new NotFoundError(`files['${name}']`, address.href, 'Serve it there.')
      return bytes
    },
  }
}

/**
 * The bytes of the graph of a dtype, and what to call it.
 *
 * @throws {NotFoundError} where there is none.
 */
export async function webGraph(
  files: WebFiles,
  folder: ModelFolder,
  dtype: GraphDtype,
): Promise<{ place: string; bytes: Uint8Array }> {
  // What stands in a served folder can only be asked for, name by name.
  const isServed = typeof files === 'string' || files instanceof URL
  const names = isServed ? graphNames(dtype) : [chooseGraph(Object.keys(files), dtype, folder.place)]
  for (const name of names) {
    const bytes = await folder.read(name)
    if (bytes !== undefined) return { place: `${folder.place}/${name}`, bytes }
  }
  throw new NotFoundError(`graph of ${folder.place}`, dtype, `Serve one of these there: ${names.join(', ')}.`)
}

/**
 * An address, seen from the page.
 *
 * @throws {InvalidArgumentError} where it is none, or of another origin.
 */
export function ownAddress(address: string | URL, what: string): URL {
  const page = globalThis.location?.href
  let url: URL
  try {
    url = new URL(address, page)
  } catch {
    throw new InvalidArgumentError(what, 'an address', address)
  }
  if (page !== undefined && url.origin !== new URL(page).origin)
    throw new InvalidArgumentError(
      what,
      `an address of the page's own origin`,
      url.origin,
      'Serve the file beside the page, or fetch it yourself and hand over its bytes.',
    )
  return url
}

/** Undefined where nothing is served, or a page in its place, as servers of single-page apps do. */
export async function fetched(url: URL): Promise<Uint8Array | undefined> {
  // A redirect, or a path that modules.json names, may lead to another origin: the browser is to refuse it.
  const init: RequestInit = globalThis.location === undefined ? {} : { mode: 'same-origin' }
  const response = await answered(url, () => fetch(url, init))
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true
  if (response.status === 404 || response.status === 410 || (response.ok && isPage)) return undefined
  if (!response.ok) throw new UnreadableInputError(url.href, 'a file', `status ${response.status}`)
  return new Uint8Array(await answered(url, () => response.arrayBuffer()))
}

async function answered<T>(url: URL, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    const remedy = 'Is the server still there, and does it answer itself, not by another origin?'
    throw new UnreadableInputError(url.href, 'a whole answer', 'none', { remedy, cause })
  }
}
