import { lookup } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { ProviderError } from '../../spec/errors.ts'
import { isPublicAddress } from './public-address.ts'

export interface GetOptions {
  /** Longest body, in bytes. */
  readonly mostBytes: number
  readonly timeoutMs: number
  /** Let requests reach this machine and private networks. */
  readonly allowPrivate: boolean
  readonly signal?: AbortSignal | undefined
}

export interface Reply {
  readonly status: number
  readonly location: string | undefined
  readonly type: string
  readonly body: Buffer
}

export const agentName = 'vecino'

/**
 * One GET without redirects. The address is checked where the socket asks for it, so that a name that resolves to
 * something else the second time reaches nothing.
 *
 * @throws {ProviderError} for an address that is not public, a body too long, a time-out or a failing network.
 */
export function guardedGet(url: URL, { mostBytes, timeoutMs, allowPrivate, signal }: GetOptions): Promise<Reply> {
  const refusal = (address: string) =>
    new ProviderError(url.host, `expected a public address, got ${address}.`, {
      remedy: 'Allow private addresses only for a site of your own: --allow-private.',
    })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(refusal(host))
  const guarded: LookupFunction = (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, [])
      const bad = allowPrivate ? undefined : addresses.find(({ address }) => !isPublicAddress(address))
      if (bad !== undefined) return done(refusal(bad.address), [])
      const [first] = addresses
      if (options.all === true) done(null, addresses)
      else done(null, first?.address ?? '', first?.family)
    })
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        cause instanceof ProviderError || signal?.aborted === true
          ? cause
          : new ProviderError(url.host, 'expected an answer, got a failure of the network.', { cause }),
      )
    const call = request(
      url,
      {
        lookup: guarded,
        // No kept connection: each is made under the guard.
        agent: false,
        headers: {
          'user-agent': agentName,
          accept: 'text/html, application/xml, text/plain',
          'accept-encoding': 'identity',
        },
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        const parts: Buffer[] = []
        let bytes = 0
        response.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes > mostBytes) {
            call.destroy()
            reject(new ProviderError(url.host, `expected at most ${mostBytes} bytes, got more.`))
          } else parts.push(part)
        })
        response.on('error', fail)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(parts),
          }),
        )
      },
    )
    // Of the whole exchange, not of a silence: a server may drip bytes for ever.
    const timer = setTimeout(() => {
      call.destroy()
      reject(new ProviderError(url.host, `expected an answer within ${timeoutMs} ms, got none.`))
    }, timeoutMs)
    call.on('close', () => clearTimeout(timer))
    call.on('error', fail)
    call.end()
  })
}
