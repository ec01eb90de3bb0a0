/** A real llama-server with MiniLM: from Debian's package, unpacked into a folder of its own beside the system's. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../.cache/llama/', import.meta.url))
const venv = fileURLToPath(new URL('../../../.cache/gguf/', import.meta.url))
const script = fileURLToPath(new URL('minilm_gguf.py', import.meta.url))
export const miniLm = fileURLToPath(new URL('../../../../shared/models/all-MiniLM-L6-v2', import.meta.url))

/** Install what is missing. @returns why there is no server to be had here, undefined when there is. */
export function installLlamaServer(): string | undefined {
  if (!existsSync(miniLm)) return 'the shared MiniLM folder is not on this machine'
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'it needs root on Linux: the server runs in chroot'
  if (!existsSync(`${root}usr/bin/llama-server`)) {
    const reason = unpack()
    if (reason !== undefined) return reason
  }
  for (const name of ['lib', 'lib64', 'bin', 'sbin'])
    if (!existsSync(`${root}${name}`)) symlinkSync(`usr/${name}`, `${root}${name}`)
  if (!existsSync(`${root}m/minilm.gguf`)) return writeGguf()
  return undefined
}

/** sid has it, stable has not; its libraries are newer than the system's, so all of them come along. */
function unpack(): string | undefined {
  if (spawnSync('mmdebstrap', ['--version']).status !== 0)
    return 'mmdebstrap is not installed: apt-get install mmdebstrap'
  const targets = spawnSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'], {
    encoding: 'utf8',
  })
  const mirror = targets.stdout?.split('\n').find((line) => line.endsWith('/debian/'))
  if (mirror === undefined) return 'no Debian mirror is set up here: llama-server comes from its packages'
  const options = ['--mode=root', '--variant=extract', '--aptopt=Acquire::Check-Valid-Until "false"']
  mkdirSync(root, { recursive: true })
  const reason = run('mmdebstrap', [...options, '--include=llama.cpp-tools', 'sid', root, mirror])
  if (reason === undefined) return undefined
  rmSync(root, { recursive: true, force: true })
  return `llama.cpp-tools cannot be unpacked (${reason})`
}

function writeGguf(): string | undefined {
  const python = `${venv}bin/python`
  if (!existsSync(python)) run('python3', ['-m', 'venv', venv])
  const reason = run(python, ['-m', 'pip', 'install', '-q', 'gguf==0.19.0', 'onnx==1.23.2'])
  if (reason !== undefined) return `PyPI gguf and onnx cannot be installed (${reason})`
  mkdirSync(`${root}m`, { recursive: true })
  const half = `${root}m/minilm.gguf.half`
  const failed = run(python, ['-P', script, half])
  if (failed !== undefined) throw new Error(`the model could not be written as GGUF: ${failed}`)
  renameSync(half, `${root}m/minilm.gguf`)
  return undefined
}

function run(command: string, args: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return undefined
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `status ${status}`
}

export interface LlamaServer {
  /** Up to where OpenAI's paths begin. */
  readonly baseUrl: string
  readonly version: string
  close(): void
}

/** @throws {Error} with the end of what the server said, when it does not answer within two minutes. */
export async function startLlamaServer(): Promise<LlamaServer> {
  const version = spawnSync('chroot', [root, '/usr/bin/llama-server', '--version'], { encoding: 'utf8' })
  const port = await freePort()
  const window = ['-c', '512', '-ub', '512', '-t', '1']
  const place = ['--host', '127.0.0.1', '--port', `${port}`]
  const child: ChildProcess = spawn(
    'chroot',
    [root, '/usr/bin/llama-server', '-m', '/m/minilm.gguf', '--embedding', '--pooling', 'mean', ...place, ...window],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const deadline = performance.now() + 120_000
  while (!(await isUp(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      end()
      throw new Error(`llama-server does not answer: ${said}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    version: `${version.stdout}${version.stderr}`.match(/version: (.*)/)?.[1] ?? 'unknown',
    close() {
      process.off('exit', end)
      end()
    },
  }
}

async function isUp(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
