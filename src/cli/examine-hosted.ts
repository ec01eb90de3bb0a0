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
  const { ollamaFacts } = await import('../registry.ts')
  const facts = await ollamaFacts(environment)
  if (facts === undefined)
    return {
      name,
      state: 'optional',
      detail: 'does not answer',
      remedy: 'Start it: ollama serve. Where it runs elsewhere, set OLLAMA_HOST.',
    }
  const { version, host, models } = facts
  const embedders = models.filter((one) => /embed|minilm|bge|e5/i.test(one))
  const found = `${version} at ${host}, ${models.length} models`
  return embedders.length > 0
    ? { name, state: 'ok', detail: `${found}, to embed: ${embedders.join(', ')}` }
    : { name, state: 'optional', detail: `${found}, none known to embed`, remedy: 'ollama pull nomic-embed-text' }
}
