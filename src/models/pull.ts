import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { CorruptDataError, InvalidArgumentError, NotFoundError, StorageError, VecinoError } from '../spec/errors.ts'
import type { GraphDtype } from './graph-files.ts'
import { Hub } from './hub.ts'
import { filesToPull, type HubFile } from './hub-files.ts'
import { knownLocalModel } from './known-local-models.ts'
import { modelsFolder } from './local-names.ts'
import { readModelFile } from './model-files.ts'
import { bring, type FileSource, isDiskError, pullAgain, sizeOf } from './pull-file.ts'
import { hubIdOf, manifestName, type PullManifest, readManifest } from './pulled.ts'

export interface PullOptions {
  /** Which of the model's graphs. @default 'float32' */
  readonly dtype?: GraphDtype | undefined
  /** Branch, tag or commit of the hub. @default 'main' */
  readonly revision?: string | undefined
  /** A folder to copy the model from, or the address of a server that speaks the hub's API. @default `HF_ENDPOINT`, else the hub */
  readonly from?: string | undefined
  /** Where models stand, each in `<owner>/<name>`. @default `VECINO_MODELS`, else the user's cache folder */
  readonly root?: string | undefined
  /** Refuse whatever needs a network. @default whether `HF_HUB_OFFLINE` or `VECINO_OFFLINE` is 1 */
  readonly offline?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a pull will do, known before a byte of a file is fetched. */
export interface PullPlan {
  readonly model: string
  readonly revision: string | null
  /** Address or folder. */
  readonly source: string
  readonly licence: string | null
  /** Folder the model will stand in. */
  readonly target: string
  readonly files: readonly HubFile[]
  readonly sizeBytes: number
  /** Of these, bytes that are here already, whole files and halves. */
  readonly presentBytes: number
}

export interface PullReport {
  readonly model: string
  readonly revision: string | null
  readonly target: string
  readonly files: number
  readonly sizeBytes: number
  /** Bytes fetched or copied now. */
  readonly receivedBytes: number
  /** Who was asked; empty for a folder. */
  readonly hosts: readonly string[]
}

/** One pull, planned: `run` does it. */
export interface Pull {
  readonly plan: PullPlan
  run(options?: {
    readonly onProgress?: ((received: number, total: number) => void) | undefined
    readonly signal?: AbortSignal | undefined
  }): Promise<PullReport>
}

/**
 * Plan to bring a model here, from the Hugging Face hub, a server like it, or a folder.
 *
 * @param name - `owner/name` on the hub, or the last part of a known model's.
 * @throws {InvalidArgumentError} for a name that is neither, and for a hub while offline.
 * @throws {NotFoundError} when the hub has no such model, or the folder does not exist.
 * @throws {UnsupportedError} for a model without ONNX: pickles above all.
 *
 * `run` continues what an earlier run left, checks every file against the hub's digest, and writes the list of files last:
 * a model is there whole or not at all.
 */
export async function planPull(name: string, options: PullOptions = {}): Promise<Pull> {
  const { dtype = 'float32', revision, signal } = options
  const model = isPath(name) ? undefined : hubIdOf(name)
  if (model === undefined)
    throw new InvalidArgumentError(
      'model',
      'owner/name of the hub, or a name that `vecino models` lists',
      name,
      isPath(name) ? 'A folder needs no pull: name it as the model; or copy from it with --from.' : undefined,
    )
  const stated = knownLocalModel(model)?.licence ?? null
  const target = join(options.root ?? modelsFolder(), ...model.split('/'))
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = process.env
  const from = options.from ?? endpoint
  if (from !== undefined && !/^https?:\/\//i.test(from)) {
    if (revision !== undefined) throw new InvalidArgumentError('revision', 'none for a folder', revision)
    return planCopy(model, { folder: resolve(from), dtype, target, stated })
  }
  const offline = options.offline ?? [process.env['HF_HUB_OFFLINE'], process.env['VECINO_OFFLINE']].includes('1')
  if (offline)
    throw new InvalidArgumentError('offline', 'a folder to copy from', 'the hub', 'Name a folder: --from <folder>.')
  const hub = new Hub(from, token)
  const found = await hub.model(model, revision, signal)
  const files = filesToPull(found.files, dtype, model, found.isStatic)
  const source: FileSource = {
    async open(file, at, stop) {
      const response = await hub.file(found, file.path, at, stop)
      const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
      const isRest = response.status === 206 && Number(range?.[1]) === at
      if (response.status === 206 && !isRest)
        throw new CorruptDataError(file.path, `the file from byte ${at}`, 'another part of it', pullAgain)
      return { body: Readable.fromWeb(response.body as never), isWhole: !isRest }
    },
  }
  const facts = {
    model,
    revision: found.revision,
    source: hub.endpoint,
    licence: found.licence ?? stated,
    target,
    files,
  }
  return pullOf(facts, source, hub.hosts)
}

function isPath(name: string): boolean {
  return /^[.~/\\]|^[A-Za-z]:[/\\]/.test(name)
}

async function planCopy(
  model: string,
  { folder, dtype, target, stated }: { folder: string; dtype: GraphDtype; target: string; stated: string | null },
): Promise<Pull> {
  const paths = await filesBelow(folder)
  if (paths === undefined) throw new NotFoundError('folder', folder, 'Name the folder that holds config.json.')
  const isStatic =
    paths.includes('model.safetensors') && !paths.some((path) => path.endsWith('.onnx')) && (await isTable(folder))
  const all = await Promise.all(paths.map(async (path) => ({ path, sizeBytes: (await stat(join(folder, path))).size })))
  const files = filesToPull(all, dtype, model, isStatic)
  const source: FileSource = {
    open: async ({ path }, from) => ({
      body: createReadStream(join(folder, path), { start: from }),
      isWhole: from === 0,
    }),
  }
  return pullOf({ model, revision: null, source: folder, licence: stated, target, files }, source, new Set())
}

async function isTable(folder: string): Promise<boolean> {
  const config = await readModelFile(folder, 'config.json')
  return config?.includes('model2vec') === true
}

async function pullOf(
  facts: Omit<PullPlan, 'sizeBytes' | 'presentBytes'>,
  source: FileSource,
  hosts: ReadonlySet<string>,
): Promise<Pull> {
  const sizeBytes = facts.files.reduce((sum, file) => sum + file.sizeBytes, 0)
  let presentBytes = 0
  for (const file of facts.files) {
    const path = join(facts.target, file.path)
    presentBytes += Math.min(file.sizeBytes, (await sizeOf(path)) ?? (await sizeOf(`${path}.part`)) ?? 0)
  }
  const plan = { ...facts, sizeBytes, presentBytes }
  return { plan, run: (options = {}) => run(plan, source, hosts, options) }
}

async function run(
  plan: PullPlan,
  source: FileSource,
  hosts: ReadonlySet<string>,
  { onProgress, signal }: Parameters<Pull['run']>[0] & object,
): Promise<PullReport> {
  const { model, revision, target, files } = plan
  try {
    await mkdir(target, { recursive: true })
    await assertRoom(plan)
    const earlier = await readManifest(target)
    // Files of two revisions must never pass for one model.
    if (earlier !== undefined && earlier.revision !== revision) await rm(join(target, manifestName))
    const done: PullManifest['files'][number][] = []
    let passed = 0
    let receivedBytes = 0
    for (const file of files) {
      signal?.throwIfAborted()
      const { sha256, received } = await bring(file, plan, source, {
        signal,
        onBytes: (bytes) => onProgress?.(passed + bytes, plan.sizeBytes),
      })
      done.push({ path: file.path, sizeBytes: file.sizeBytes, sha256 })
      passed += file.sizeBytes
      receivedBytes += received
      onProgress?.(passed, plan.sizeBytes)
    }
    const kept =
      earlier?.revision === revision ? earlier.files.filter(({ path }) => !files.some((f) => f.path === path)) : []
    const manifest: PullManifest = {
      format: 1,
      model,
      revision,
      source: plan.source,
      licence: plan.licence,
      files: [...kept, ...done],
    }
    await writeFile(join(target, `${manifestName}.new`), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true })
    await rename(join(target, `${manifestName}.new`), join(target, manifestName))
    return { model, revision, target, files: files.length, sizeBytes: plan.sizeBytes, receivedBytes, hosts: [...hosts] }
  } catch (error) {
    throw asStorageError(error, target)
  }
}

async function assertRoom({ target, sizeBytes, presentBytes }: PullPlan): Promise<void> {
  const { bavail, bsize } = await statfs(target)
  const needed = sizeBytes - presentBytes
  if (bavail * bsize < needed)
    throw new StorageError(
      'storage-full',
      `${target}: expected ${megabytes(needed)} free, got ${megabytes(bavail * bsize)}.`,
      { remedy: 'Free some space, or name another place in VECINO_MODELS.' },
    )
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}

function asStorageError(error: unknown, target: string): unknown {
  if (!isDiskError(error) || VecinoError.isInstance(error)) return error
  const { code } = error as NodeJS.ErrnoException
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new StorageError(
    isFull ? 'storage-full' : 'storage',
    `${target}: expected a disk that takes the model, got ${code}.`,
    {
      remedy: isFull
        ? 'Free some space and run the same command again: what came is kept.'
        : 'Check who may write there.',
      cause: error,
    },
  )
}

/** Paths below a folder, `/` between, as deep as models go; undefined when there is no such folder. */
async function filesBelow(folder: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort()
  } catch {
    return undefined
  }
}
