import { rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { VecinoError } from '../spec/errors.ts'

export interface Finding {
  readonly name: string
  /** `optional`: absent, and only some commands need it. */
  readonly state: 'ok' | 'missing' | 'optional'
  readonly detail: string
  readonly remedy?: string
}

const leastNode = [22, 13] as const
/** Older releases have a bug by which two connections to one file may corrupt it. */
const leastSqlite = [3, 51, 3] as const

export interface ExamineOptions {
  /** Where keys and addresses are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Ask Ollama what it has: a request to another program. @default false */
  readonly asksOllama?: boolean | undefined
}

/**
 * Try everything Vecino stands on, in the order in which it is needed. Each check is a real use, not a look; keys are
 * looked at by name only, and nobody is asked over a network but Ollama, where that is wanted.
 */
export async function examine({
  environment = process.env,
  asksOllama = false,
}: ExamineOptions = {}): Promise<Finding[]> {
  const { examineHosted, examineOllama } = await import('./examine-hosted.ts')
  return [
    checkNode(),
    await checkSqlite(),
    await checkFullText(),
    ...(await checkWasm()),
    checkThreads(),
    await checkKernels(),
    await checkStarter(),
    await checkOnnxRuntime(),
    ...examineHosted(environment),
    ...(asksOllama ? [await examineOllama(environment)] : []),
    checkFolder(process.cwd()),
  ]
}

function checkNode(): Finding {
  const { node } = process.versions
  const isEnough = atLeast(node, leastNode)
  return isEnough
    ? { name: 'Node.js', state: 'ok', detail: node }
    : {
        name: 'Node.js',
        state: 'missing',
        detail: `${node}, needs ${leastNode.join('.')}`,
        remedy: 'Install a newer Node.js: https://nodejs.org',
      }
}

async function checkSqlite(): Promise<Finding> {
  const name = 'SQLite'
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(':memory:')
    const row = database.prepare('select sqlite_version() as version').get()
    database.close()
    const version = String(row?.['version'])
    if (atLeast(version, leastSqlite)) return { name, state: 'ok', detail: version }
    return {
      name,
      state: 'optional',
      detail: `${version}, which is not safe with two connections to one file`,
      remedy: `For ${leastSqlite.join('.')} or newer, update Node.js.`,
    }
  } catch (error) {
    return {
      name,
      state: 'missing',
      detail: reasonOf(error),
      remedy: 'Use a Node.js with node:sqlite: 22.16 or newer.',
    }
  }
}

async function checkFullText(): Promise<Finding> {
  const name = 'SQLite FTS5'
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(':memory:')
    database.exec("create virtual table t using fts5(x); insert into t values ('neighbour')")
    const found = database.prepare("select count(*) as n from t where t match 'neighbour'").get()
    database.close()
    if (found?.['n'] === 1) return { name, state: 'ok', detail: 'finds a word' }
    return { name, state: 'missing', detail: 'does not find a word', remedy: 'Use the Node.js from https://nodejs.org' }
  } catch (error) {
    return { name, state: 'missing', detail: reasonOf(error), remedy: 'Use the Node.js from https://nodejs.org' }
  }
}

async function checkWasm(): Promise<Finding[]> {
  const { features } = await import('../kernels/wasm/features.ts')
  const { simd, relaxedSimd, threads, fusedDot } = features()
  const slower = 'everything works without it, only slower'
  const update = 'Update Node.js.'
  return [
    simd
      ? { name: 'WASM SIMD', state: 'ok', detail: 'yes' }
      : { name: 'WASM SIMD', state: 'optional', detail: slower, remedy: update },
    relaxedSimd
      ? { name: 'WASM relaxed SIMD', state: 'ok', detail: fusedDot ? 'yes, four products of bytes a step' : 'yes' }
      : { name: 'WASM relaxed SIMD', state: 'optional', detail: slower, remedy: update },
    threads
      ? { name: 'shared memory', state: 'ok', detail: 'yes, threads work on one copy of the data' }
      : { name: 'shared memory', state: 'optional', detail: slower, remedy: update },
  ]
}

function checkThreads(): Finding {
  const threads = availableParallelism()
  return threads > 1
    ? { name: 'threads', state: 'ok', detail: `${threads} at once` }
    : {
        name: 'threads',
        state: 'optional',
        detail: 'one at once; all work is done one after the other',
        remedy: 'Give the container or machine more processors.',
      }
}

/** What the arithmetic runs on, tried on four points. */
async function checkKernels(): Promise<Finding> {
  const name = 'arithmetic'
  try {
    const { bestEngine } = await import('../kernels/wasm/features.ts')
    const { Arena } = await import('../kernels/wasm/arena.ts')
    const { Pool } = await import('../kernels/wasm/pool.ts')
    const { kMeans } = await import('../kernels/k-means.ts')
    const engine = bestEngine()
    const { threads } = new Pool(new Arena({ shared: true }))
    const points = { data: Float32Array.of(0, 1, 10, 11), rows: 4, columns: 1 }
    const { inertia } = await kMeans(points, { k: 2, engine })
    if (inertia !== 1) throw new Error(`four points give ${inertia} in place of 1`)
    const used = { typescript: 'TypeScript', simd: 'WASM SIMD', relaxed: 'WASM relaxed SIMD' }[engine]
    const asked = process.env['VECINO_KERNELS'] ? ', as VECINO_KERNELS asks' : ''
    return {
      name,
      state: 'ok',
      detail: `${used}${asked}, ${threads === 1 ? 'one thread' : `up to ${threads} threads`}`,
    }
  } catch (error) {
    return { name, state: 'missing', detail: reasonOf(error), remedy: 'Unset VECINO_KERNELS, or update Node.js.' }
  }
}

async function checkStarter(): Promise<Finding> {
  const name = 'starter model'
  try {
    const [{ loadModel }, { fingerprint }] = await Promise.all([
      import('../models/load.ts'),
      import('../spec/passport.ts'),
    ])
    const model = await loadModel('starter')
    const { vectors } = await model.embed(['send something back'], { task: 'query' })
    await model.close?.()
    return {
      name,
      state: 'ok',
      detail: `${model.passport.model}, ${vectors.columns} dimensions, fingerprint ${fingerprint(model.passport).slice(0, 16)}`,
    }
  } catch (error) {
    return { name, state: 'missing', detail: reasonOf(error), remedy: 'Install the package again: npm install vecino' }
  }
}

async function checkOnnxRuntime(): Promise<Finding> {
  const name = 'onnxruntime-node'
  try {
    const runtime = await import('onnxruntime-node')
    const version = runtime.env.versions.node ?? runtime.env.versions.common
    return { name, state: 'ok', detail: `${version}, for transformer models and distill` }
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    return {
      name,
      state: 'optional',
      detail: isAbsent ? absence() : reasonOf(error),
      remedy: 'npm install onnxruntime-node --onnxruntime-node-install=skip',
    }
  }
}

/** What its absence means here. */
function absence(): string {
  try {
    import.meta.resolve('onnxruntime-web')
    return 'not installed; onnxruntime-web stands in for it, several times slower'
  } catch {
    return 'not installed; needed for transformer models and distill only'
  }
}

function checkFolder(folder: string): Finding {
  const name = 'current folder'
  const probe = join(folder, `.vecino-doctor-${process.pid}`)
  try {
    writeFileSync(probe, 'x', { flag: 'wx' })
    rmSync(probe)
    return { name, state: 'ok', detail: 'writable' }
  } catch (error) {
    return {
      name,
      state: 'optional',
      detail: reasonOf(error),
      remedy: 'Name a collection in a folder that is writable: --collection <path>',
    }
  }
}

function atLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  for (const [i, bound] of least.entries()) {
    const part = parts[i] ?? 0
    if (part !== bound) return part > bound
  }
  return true
}

function reasonOf(error: unknown): string {
  if (VecinoError.isInstance(error)) return error.message
  return error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
}
