/** Chromium with a page open, driven over its debugging protocol with real input events. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Name of the browser there is, or undefined. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)
export const missingChromium = 'skipped: no Chromium here (apt-get install chromium)'

export const headlessFlags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
const patienceMs = 180_000

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

export interface Page {
  /** Value of an expression in the page, which sees the page's own names. */
  evaluate<T>(expression: string): Promise<T>
  /** Wait until an expression is true. */
  until(expression: string): Promise<void>
  mouse(
    type: 'mouseMoved' | 'mousePressed' | 'mouseReleased' | 'mouseWheel',
    x: number,
    y: number,
    more?: { readonly deltaY?: number },
  ): Promise<void>
  click(x: number, y: number): Promise<void>
  type(text: string): Promise<void>
  key(key: string): Promise<void>
  screenshot(): Promise<Uint8Array>
  /** What went wrong in the page: exceptions, refused styles and scripts. */
  readonly complaints: readonly string[]
  /** Addresses asked for since the page was opened. */
  readonly requests: readonly string[]
}

/** Open a page, work with it, and end the browser. */
export async function withPage<T>(
  browser: string,
  url: string,
  { width, height }: { readonly width: number; readonly height: number },
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'vecino-browser-'))
  const flags = [...headlessFlags, `--user-data-dir=${profile}`, '--remote-debugging-port=0']
  const child = spawn(browser, [...flags, `--window-size=${width},${height}`, 'about:blank'], { stdio: 'ignore' })
  try {
    const port = await portOf(join(profile, 'DevToolsActivePort'))
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
      type: string
      webSocketDebuggerUrl: string
    }[]
    const address = targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? ''
    const socket = new WebSocket(address)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    try {
      return await work(await openPage(socket, url, { width, height }))
    } finally {
      socket.close()
    }
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await gone
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** What a page is refused is logged as an error; advice is not. */
function isError({ method, params }: Message): boolean {
  return method === 'Log.entryAdded' && (params?.['entry'] as { level?: string } | undefined)?.level === 'error'
}

async function portOf(file: string): Promise<string> {
  for (let waited = 0; waited < patienceMs; waited += 100) {
    const [port = ''] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (port !== '') return port
    await sleep(100)
  }
  throw new Error(`the browser said no port within ${patienceMs / 1000} s`)
}

async function openPage(
  socket: WebSocket,
  url: string,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Page> {
  const answers = new Map<number, (message: Message) => void>()
  const complaints: string[] = []
  const requests: string[] = []
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id !== undefined) answers.get(message.id)?.(message)
    else if (message.method === 'Runtime.exceptionThrown' || isError(message))
      complaints.push(JSON.stringify(message.params))
    else if (message.method === 'Network.requestWillBeSent')
      requests.push(String((message.params?.['request'] as { url?: string } | undefined)?.url))
  })
  socket.addEventListener('close', () => {
    for (const answer of answers.values()) answer({ error: { message: 'the browser has ended' } })
  })
  let last = 0
  const send = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    const id = ++last
    const answer = new Promise<Message>((resolve) => answers.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    const { result, error } = await answer
    answers.delete(id)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = (await send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as { result: { value: T }; exceptionDetails?: unknown }
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`)
    return result.value
  }
  let isHeld = false
  const mouse: Page['mouse'] = async (type, x, y, { deltaY = 0 } = {}) => {
    isHeld = type === 'mousePressed' || (isHeld && type !== 'mouseReleased')
    const isButton = type === 'mousePressed' || type === 'mouseReleased'
    const button = isHeld || isButton ? 'left' : 'none'
    const clicks = isButton ? { clickCount: 1 } : {}
    const wheel = type === 'mouseWheel' ? { deltaX: 0, deltaY } : {}
    await send('Input.dispatchMouseEvent', { type, x, y, button, buttons: isHeld ? 1 : 0, ...clicks, ...wheel })
  }
  const until = async (expression: string): Promise<void> => {
    for (let waited = 0; waited < patienceMs; waited += 50) {
      if (await evaluate<boolean>(expression)) return
      await sleep(50)
    }
    throw new Error(`not true within ${patienceMs / 1000} s: ${expression}`)
  }
  for (const domain of ['Runtime', 'Log', 'Network', 'Page']) await send(`${domain}.enable`)
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
  await send('Page.navigate', { url })
  await until(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`)
  return {
    evaluate,
    until,
    mouse,
    complaints,
    requests,
    click: async (x, y) => {
      await mouse('mouseMoved', x, y)
      await mouse('mousePressed', x, y)
      await mouse('mouseReleased', x, y)
    },
    type: async (text) => {
      await send('Input.insertText', { text })
    },
    key: async (key) => {
      const text = key === 'Enter' ? { text: '\r', windowsVirtualKeyCode: 13 } : {}
      await send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text })
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key })
    },
    screenshot: async () => {
      const { data } = (await send('Page.captureScreenshot', { format: 'png' })) as { data: string }
      return Buffer.from(data, 'base64')
    },
  }
}
