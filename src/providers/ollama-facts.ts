import { ollamaAddress } from './ollama.ts'

export interface OllamaFacts {
  /** Host and port; never more of an address that may hold a password. */
  readonly host: string
  readonly version: string
  /** Names of the models it has. */
  readonly models: readonly string[]
}

const answerWithinMs = 3000

/**
 * Ask the Ollama of `OLLAMA_HOST` for its version and its models.
 *
 * @returns undefined where none answers.
 */
export async function ollamaFacts(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OllamaFacts | undefined> {
  try {
    const base = new URL(ollamaAddress(environment['OLLAMA_HOST']?.trim() || undefined))
    const ask = async (path: string) => {
      const signal = AbortSignal.timeout(answerWithinMs)
      return (await (await fetch(new URL(path, base), { signal, redirect: 'error' })).json()) as Record<string, unknown>
    }
    const { version } = await ask('/api/version')
    const { models } = await ask('/api/tags')
    if (typeof version !== 'string' || !Array.isArray(models)) return undefined
    return { host: base.host, version, models: models.map((model) => String(model?.name)) }
  } catch {
    return undefined
  }
}
