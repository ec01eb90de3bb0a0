import { CorruptDataError, InvalidArgumentError, NotFoundError, ProviderError } from '../spec/errors.ts'
import type { HubFile } from './hub-files.ts'

/** What the hub says of a model at one commit. */
export interface HubModel {
  readonly model: string
  /** Commit: what is fetched later is of the same one. */
  readonly revision: string
  readonly licence: string | null
  readonly isStatic: boolean
  readonly files: readonly HubFile[]
}

const mostRedirects = 5

/** The Hugging Face hub, or a server that speaks its API. */
export class Hub {
  readonly endpoint: string
  /** Hosts that answered, in the order met. */
  readonly hosts = new Set<string>()
  private readonly token: string | undefined

  /**
   * @param endpoint - @default 'https://huggingface.co'
   * @param token - Of a user; sent to the endpoint's own origin only.
   */
  constructor(endpoint = 'https://huggingface.co', token?: string) {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
    if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
      throw new InvalidArgumentError('endpoint', 'an address that begins with https:// or http://', 'another text')
    this.endpoint = endpoint.replace(/\/+$/, '')
    this.token = token
  }

  /** @throws {NotFoundError} when there is no such model or revision, or it asks for a login. */
  async model(id: string, revision = 'main', signal?: AbortSignal): Promise<HubModel> {
    const address = `${this.endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`
    const response = await this.get(address, { isFile: false, signal })
    let body: unknown
    try {
      body = await response.json()
    } catch (cause) {
      throw wrongAnswer(this.endpoint, 'JSON', 'another text', cause)
    }
    return readModel(body, id, this.endpoint)
  }

  /** One file from byte `from` on. The answer is whole (200) or the rest (206). */
  file(
    model: Pick<HubModel, 'model' | 'revision'>,
    path: string,
    from: number,
    signal?: AbortSignal,
  ): Promise<Response> {
    const escaped = path.split('/').map(encodeURIComponent).join('/')
    const address = `${this.endpoint}/${model.model}/resolve/${model.revision}/${escaped}`
    return this.get(address, { isFile: true, from, signal })
  }

  /** The hub sends files, and only files, on to other origins; these see no token. */
  private async get(
    address: string,
    { isFile, from = 0, signal }: { isFile: boolean; from?: number; signal: AbortSignal | undefined },
  ): Promise<Response> {
    const home = new URL(this.endpoint)
    let url = new URL(address)
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const headers: Record<string, string> = { 'accept-encoding': 'identity' }
      if (from > 0) headers['range'] = `bytes=${from}-`
      if (this.token !== undefined && url.origin === home.origin) headers['authorization'] = `Bearer ${this.token}`
      const response = await this.ask(url, headers, signal)
      this.hosts.add(url.host)
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || location === null) {
        if (response.ok) return response
        await response.body?.cancel()
        throw failure(response.status, url.host, url.pathname)
      }
      await response.body?.cancel()
      const next = new URL(location, url)
      const isDowngrade = url.protocol === 'https:' && next.protocol !== 'https:'
      if (isDowngrade || !['http:', 'https:'].includes(next.protocol) || (!isFile && next.origin !== home.origin))
        throw new ProviderError(url.host, `expected an answer, got a redirect to ${next.protocol}//${next.host}.`, {
          remedy: 'It was not followed. Check the address of the hub (HF_ENDPOINT, --from).',
        })
      url = next
    }
    throw new ProviderError(home.host, `expected at most ${mostRedirects} redirects, got more.`)
  }

  private async ask(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Response> {
    try {
      return await fetch(url, { headers, redirect: 'manual', signal: signal ?? null })
    } catch (cause) {
      signal?.throwIfAborted()
      throw new ProviderError(url.host, 'expected an answer, got none.', {
        isRetryable: true,
        remedy: 'Check the network and run the same command again; or copy the model from a folder with --from.',
        cause,
      })
    }
  }
}

function failure(status: number, host: string, path: string): Error {
  if (status === 404) return new NotFoundError(`file or model on ${host}`, path, 'Check its spelling: owner/name.')
  if (status === 401 || status === 403)
    return new NotFoundError(
      `model on ${host}`,
      path,
      'There is none of this name, or it asks for a login: accept its terms on the hub and set HF_TOKEN.',
    )
  return new ProviderError(host, `expected status 200, got ${status}.`, {
    status,
    isRetryable: status === 429 || status >= 500,
    remedy: 'Run the same command again later; what is there already is kept.',
  })
}

function readModel(body: unknown, id: string, endpoint: string): HubModel {
  const { sha, siblings, tags, cardData } = (body ?? {}) as Record<string, unknown>
  if (typeof sha !== 'string' || !/^[0-9a-f]{7,64}$/.test(sha)) throw wrongAnswer(endpoint, 'a commit in `sha`', 'none')
  if (!Array.isArray(siblings)) throw wrongAnswer(endpoint, 'a list of files in `siblings`', 'none')
  const labels = Array.isArray(tags) ? tags.map(String) : []
  const tagged = labels.find((tag) => tag.startsWith('license:'))?.slice('license:'.length)
  const stated = (cardData as { license?: unknown } | null | undefined)?.license
  return {
    model: id,
    revision: sha,
    licence: typeof stated === 'string' ? stated : (tagged ?? null),
    isStatic: labels.includes('model2vec'),
    files: siblings.map((sibling) => readFileEntry(sibling, endpoint)),
  }
}

function readFileEntry(sibling: unknown, endpoint: string): HubFile {
  const { rfilename, size, lfs, blobId } = (sibling ?? {}) as Record<string, unknown>
  const { sha256, size: lfsSize } = (lfs ?? {}) as Record<string, unknown>
  const sizeBytes = lfsSize ?? size
  if (
    typeof rfilename !== 'string' ||
    typeof sizeBytes !== 'number' ||
    !Number.isSafeInteger(sizeBytes) ||
    sizeBytes < 0
  )
    throw wrongAnswer(endpoint, 'files with `rfilename` and `size`', 'another form')
  return {
    path: rfilename,
    sizeBytes,
    sha256: typeof sha256 === 'string' ? sha256 : undefined,
    blobId: typeof blobId === 'string' ? blobId : undefined,
  }
}

function wrongAnswer(endpoint: string, expected: string, got: string, cause?: unknown): CorruptDataError {
  return new CorruptDataError(`answer of ${new URL(endpoint).host}`, expected, got, {
    remedy: 'Check the address of the hub (HF_ENDPOINT, --from): a login page answers like this.',
    cause,
  })
}
