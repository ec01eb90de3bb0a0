import { InvalidArgumentError } from '../spec/errors.ts'

/** @throws {InvalidArgumentError}; the address itself is not shown, for it may hold a password. */
export function baseOf(given: string): URL {
  const expected = 'an http or https address without user, password, query and fragment'
  let url: URL
  try {
    url = new URL(given)
  } catch {
    throw new InvalidArgumentError('options.baseUrl', expected, 'something else')
  }
  if (
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new InvalidArgumentError('options.baseUrl', expected, 'something else')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** Where a redirect leads; undefined where it says nothing that is an address. */
export function targetOf(location: string | null, from: URL): URL | undefined {
  try {
    return location === null ? undefined : new URL(location, from)
  } catch {
    return undefined
  }
}
