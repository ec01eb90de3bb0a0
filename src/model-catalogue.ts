import { knownLocalModels } from './models/known-local-models.ts'
import { pulledFolder } from './models/pulled.ts'
import { knownHostedModels } from './providers/known-models.ts'

/** A model that can be named, with what is known of it without asking anybody. */
export interface ListedModel {
  /** What is written after `--model`. */
  readonly name: string
  readonly kind: 'local' | 'hosted'
  readonly dimensions: number
  /** Sizes its vectors may be cut to: any up to `dimensions`, or those listed; empty for none. */
  readonly otherDimensions: 'any' | readonly number[]
  /** Tokens of one text; null for no limit. */
  readonly maxTokens: number | null
  /** Null for hosted models, which have terms of use. */
  readonly licence: string | null
  /** About how many megabytes a pull fetches (float32); null where nothing is fetched. */
  readonly megabytes: number | null
  /** Whether it is on this machine. */
  readonly isHere: boolean
  readonly queryPrompt: string | null
  readonly documentPrompt: string | null
  readonly languages: string | null
  /** Mean over MTEB's 56 English tasks (first edition), as published, with the month. */
  readonly mteb: number | null
  readonly mtebDate: string | null
  readonly usdPerMillionTokens: number | null
  readonly pricedOn: string | null
  readonly warning: string | null
}

/** Every model known by name: the starter, those that `vecino pull` brings, and hosted ones. Any other name works as well. */
export async function listModels(): Promise<ListedModel[]> {
  const nothing = { mteb: null, mtebDate: null, usdPerMillionTokens: null, pricedOn: null, warning: null }
  const starter: ListedModel = {
    ...nothing,
    name: 'starter',
    kind: 'local',
    dimensions: 256,
    otherDimensions: [],
    maxTokens: null,
    licence: 'Apache-2.0',
    megabytes: null,
    isHere: true,
    queryPrompt: '',
    documentPrompt: '',
    languages: 'English',
  }
  const local = await Promise.all(
    knownLocalModels.map(
      async (known): Promise<ListedModel> => ({
        ...nothing,
        name: known.model,
        kind: 'local',
        dimensions: known.dimensions,
        otherDimensions: known.matryoshka ?? [],
        maxTokens: known.maxTokens,
        licence: known.licence,
        megabytes: known.megabytes,
        isHere: (await pulledFolder(known.model)) !== undefined,
        queryPrompt: known.prompts.query,
        documentPrompt: known.prompts.document,
        languages: known.languages,
        mteb: known.score?.mteb ?? null,
        mtebDate: known.score?.date ?? null,
        warning: known.warning ?? null,
      }),
    ),
  )
  const hosted = knownHostedModels.map((known): ListedModel => {
    const { choice } = known
    return {
      ...nothing,
      name: `${known.provider}:${known.model}`,
      kind: 'hosted',
      dimensions: known.dimensions,
      otherDimensions: choice === 'none' ? [] : choice,
      maxTokens: known.maxTokens,
      licence: null,
      megabytes: null,
      isHere: false,
      // Hosted models are told the role of a text; what they make of it stays with them.
      queryPrompt: null,
      documentPrompt: null,
      languages: null,
      usdPerMillionTokens: known.usdPerMillionTokens,
      pricedOn: known.pricedOn,
    }
  })
  return [starter, ...local, ...hosted]
}
