import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with a file's first requests: it ends half way, holds other bytes, or the server ignores ranges. */
export type HubFault = 'half' | 'other-bytes' | 'whole-again'

export interface HubServerOptions {
  /** Files by path; those over a kilobyte are kept in large-file storage, as on the hub. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
  /** The only model. @default 'acme/tiny' */
  readonly model?: string | undefined
  readonly licence?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** By path; each is used up by one request. @default none */
  readonly faults?: Readonly<Record<string, readonly HubFault[]>> | undefined
  /** Where answers to the API are redirected to, which the hub never does. @default nowhere */
  readonly redirectApiTo?: string | undefined
}

export interface HubServer {
  readonly endpoint: string
  /** Second origin, to which large files are redirected. */
  readonly storage: string
  readonly requests: { readonly path: string; readonly range: string | undefined; readonly token: string | undefined }[]
  close(): Promise<void>
}

export const hubCommit = '0123456789abcdef0123456789abcdef01234567'
const largeBytes = 1024

/** A server on this machine that speaks the part of the Hugging Face hub's API that a pull needs. */
export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const { model = 'acme/tiny', licence, tags = [], redirectApiTo } = options
  const files = new Map(Object.entries(options.files).map(([path, content]) => [path, Buffer.from(content as string)]))
  const faults = new Map(Object.entries(options.faults ?? {}).map(([path, list]) => [path, [...list]]))
  const requests: HubServer['requests'] = []

  const siblings = [...files].map(([rfilename, content]) => ({
    rfilename,
    size: content.length,
    blobId: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex'),
    ...(content.length > largeBytes
      ? { lfs: { sha256: createHash('sha256').update(content).digest('hex'), size: content.length } }
      : {}),
  }))
  const send = (path: string, range: string | undefined, response: ServerResponse) => {
    const content = files.get(path) as Buffer
    const fault = faults.get(path)?.shift()
    const from = fault === 'whole-again' ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    const body = fault === 'other-bytes' ? Buffer.alloc(content.length - from, 7) : content.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': body.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    })
    if (fault === 'half') response.write(body.subarray(0, body.length >> 1), () => response.destroy())
    else response.end(body)
  }

  const listener = (isStorage: boolean) => (request: import('node:http').IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    requests.push({ path: pathname, range: request.headers.range, token: request.headers.authorization })
    const path = decodeURIComponent(pathname.replace(`/${model}/resolve/${hubCommit}/`, ''))
    if (!isStorage && pathname.startsWith(`/api/models/${model}/revision/`)) {
      if (redirectApiTo === undefined)
        response.setHeader('content-type', 'application/json').end(
          JSON.stringify({
            id: model,
            sha: hubCommit,
            tags,
            siblings,
            ...(licence && { cardData: { license: licence } }),
          }),
        )
      else response.writeHead(302, { location: redirectApiTo }).end()
    } else if (!files.has(path)) response.writeHead(404).end('{"error":"not found"}')
    else if (!isStorage && (files.get(path) as Buffer).length > largeBytes)
      response.writeHead(302, { location: `${addressOf(storage)}${pathname}` }).end()
    else send(path, request.headers.range, response)
  }
  const home = createServer(listener(false))
  const storage = createServer(listener(true))
  for (const server of [home, storage]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    endpoint: addressOf(home),
    storage: addressOf(storage),
    requests,
    async close() {
      for (const server of [home, storage]) {
        server.closeAllConnections()
        await new Promise((done) => server.close(done))
      }
    },
  }
}

function addressOf(server: import('node:http').Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
