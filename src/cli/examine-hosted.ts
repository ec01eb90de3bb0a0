import type { Finding } from './examine.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that hold a key, with the names of the models they open. */
const keys: readonly (readonly [variable: string, models: string])[] = [
  ['OPENAI_API_KEY', 'openai:'],
  ['COHERE_API_KEY', 'cohere:'],
  ['CO_API_KEY', 'cohere:'],
  ['VOYAGE_API_KEY', 'voyage:'],
  ['OLLAMA_API_KEY', 'ollama:'],
  ['OPENAI_COMPATIBLE_API_KEY', 'openai-compatible:'],
]
const addresses = ['OPENAI_BASE_URL', 'CO_API_URL', 'VOYAGE_BASE_URL', 'OPENAI_COMPATIBLE_BASE_URL'] as const
const answerWithinMs = 3000

/** Keys and addresses of hosted models, by name; a value is never shown, and nobody is asked. */
export function examineHosted(environment: Environment): Finding[] {
  return [checkKeys(environment), ...checkAddresses(environment)]
}

function checkKeys(environment: Environment): Finding {
  const name = 'keys'
  const present = keys.filter(([variable]) => (environment[variable] ?? '').trim() !== '')
  const odd = present.find(([variable]) => !/^[\x21-\x7e]+$/.test(environment[variable]?.trim() ?? ''))
  if (odd !== undefined)
    return {
      name,
      state: 'optional',
      detail: `${odd[0]} holds a character that no key has, such as a blank or a quote mark`,
      remedy: `Set it again, without quotes around the value: export ${odd[0]}=…`,
    }
  if (present.length > 0)
    return { name, state: 'ok', detail: present.map(([variable, models]) => `${variable} (${models}…)`).join(', ') }
  return {
    name,
    state: 'optional',
    detail: 'none in the environment; needed for hosted models only',
    remedy: 'For example: export OPENAI_API_KEY=…',
  }
}

function checkAddresses(environment: Environment): Finding[] {
  return addresses.flatMap((variable): Finding[] => {
    const value = environment[variable]?.trim() ?? ''
    if (value === '') return []
    try {
      const { protocol, username, password, host } = new URL(value)
      if (/^https?:$/.test(protocol) && username === '' && password === '')
        return [{ name: variable, state: 'ok', detail: host }]
    } catch {
      // Said below; the value may hold a password.
    }
    return [
      {
        name: variable,
        state: 'optional',
        detail: 'no http or https address without user and password',
        remedy: `For example: export ${variable}=http://localhost:8080/v1`,
      },
    ]
  })
}

/** Ask Ollama for its version and its models. Only where the user wants it: it is a request to another program. */
export async function examineOllama(environment: Environment): Promise<Finding> {
  const name = 'Ollama'
  const { ollamaAddress } = await import('../providers/ollama.ts')
  let host = 'the address in OLLAMA_HOST'
  try {
    const base = new URL(ollamaAddress(environment['OLLAMA_HOST']?.trim() || undefined))
    host = base.host
    const ask = async (path: string) => {
      const response = await fetch(new URL(path, base), {
        signal: AbortSignal.timeout(answerWithinMs),
        redirect: 'error',
      })
      return (await response.json()) as { version?: unknown; models?: unknown }
    }
    const { version } = await ask('/api/version')
    const { models } = await ask('/api/tags')
    const names = Array.isArray(models) ? models.map((model) => String(model?.name)) : []
    const embedders = names.filter((one) => /embed|minilm|bge|e5/i.test(one))
    if (typeof version !== 'string') throw new Error('another program answers')
    return {
      name,
      state: embedders.length > 0 ? 'ok' : 'optional',
      detail: `${version} at ${host}, ${names.length} models${embedders.length > 0 ? `, to embed: ${embedders.join(', ')}` : ', none known to embed'}`,
      ...(embedders.length > 0 ? {} : { remedy: 'ollama pull nomic-embed-text' }),
    }
  } catch {
    return {
      name,
      state: 'optional',
      detail: `does not answer at ${host}`,
      remedy: 'Start it: ollama serve. Where it runs elsewhere, set OLLAMA_HOST.',
    }
  }
}
