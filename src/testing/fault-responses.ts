import type { IncomingMessage, ServerResponse } from 'node:http'
import { type WireContract, writeError } from './wire-contracts.ts'

/** The body of a request, parsed; undefined where it is no JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    return undefined
  }
}

export function send(response: ServerResponse, body: string, type = 'application/json'): void {
  response.writeHead(200, { 'content-type': type }).end(body)
}

export function refuse(
  response: ServerResponse,
  status: number,
  contract: WireContract | undefined,
  message: string,
  code: string | null = null,
): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify(writeError(contract, message, code)))
}

/** JSON of so many bytes, as fast as they are taken. */
export function sendHuge(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":"')
  const block = Buffer.alloc(1 << 16, 'a')
  let sent = 0
  const more = () => {
    while (sent < bytes && !response.destroyed) {
      sent += block.length
      if (!response.write(block)) {
        response.once('drain', more)
        return
      }
    }
    response.end('"}')
  }
  more()
}

/** A byte at a time. */
export function drip(response: ServerResponse, body: string, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  let at = 0
  const timer = setInterval(() => {
    if (at >= body.length || response.destroyed) {
      clearInterval(timer)
      response.end()
    } else response.write(body.charAt(at++))
  }, everyMs)
}
