/** Let a page in Chromium work on the sources as they are, and hear what came out. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { headlessFlags } from './chromium.ts'

const sources = new URL('../../../src/', import.meta.url)
const patienceMs = 180_000
const types: Readonly<Record<string, string>> = {
  '.wasm': 'application/wasm',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
}

export interface Visit {
  /** HTML that posts its result, as JSON, to /result. */
  readonly page: string
  /** Whether the page may share memory between threads. */
  readonly isIsolated: boolean
  /** Folders beside the sources: what an address begins with, and where that stands. */
  readonly folders?: Readonly<Record<string, URL>>
}

/** What the page posted. Nothing but this server can be reached from it. */
export async function visit<T extends { readonly error?: string }>(
  browser: string,
  { page, isIsolated, folders = {} }: Visit,
): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'vecino-browser-'))
  let settle: (result: T) => void = () => {}
  const result = new Promise<T>((resolve) => {
    settle = resolve
  })
  const fail = (error: string) => settle({ error } as T)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (isIsolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    if (pathname === '/result') {
      const parts: Buffer[] = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => {
        response.end()
        settle(JSON.parse(Buffer.concat(parts).toString('utf8')))
      })
    } else if (pathname === '/') {
      response.setHeader('Content-Type', 'text/html')
      response.end(page)
    } else sendFile(pathname, folders, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  const flags = [
    ...headlessFlags,
    `--user-data-dir=${profile}`,
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
  ]
  const child = spawn(browser, [...flags, `http://localhost:${port}/`], { stdio: 'ignore' })
  const timer = setTimeout(() => fail(`no answer within ${patienceMs / 1000} s`), patienceMs)
  child.on('exit', (status) => fail(`the browser ended with status ${status}`))
  try {
    return await result
  } finally {
    clearTimeout(timer)
    child.removeAllListeners('exit')
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await gone
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

function sendFile(pathname: string, folders: Readonly<Record<string, URL>>, response: ServerResponse): void {
  const start = Object.keys(folders).find((one) => pathname.startsWith(one))
  const path =
    start === undefined ? new URL(`.${pathname}`, sources) : new URL(pathname.slice(start.length), folders[start])
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    response.statusCode = 404
    response.end()
    return
  }
  const isSource = extname(pathname) === '.ts'
  response.setHeader(
    'Content-Type',
    isSource ? 'text/javascript' : (types[extname(pathname)] ?? 'application/octet-stream'),
  )
  response.end(isSource ? stripTypeScriptTypes(bytes.toString('utf8')) : bytes)
}
