import { homedir } from 'node:os'
import { join } from 'node:path'
import { InvalidArgumentError } from '../spec/errors.ts'
import { type GraphDtype, graphDtypes } from './graph-files.ts'

/** A local model as a user names it: `bge-small-en-v1.5?dtype=int8&dimensions=256`. */
export interface LocalName {
  /** Path of a folder, or the model's name on the hub. */
  readonly name: string
  readonly dtype: GraphDtype | undefined
  readonly dimensions: number | undefined
}

/** @throws {InvalidArgumentError} for anything after `?` but `dtype=` and `dimensions=`. */
export function parseLocalName(text: string): LocalName {
  const at = text.lastIndexOf('?')
  if (at < 0) return { name: text, dtype: undefined, dimensions: undefined }
  const wrong = (got: string) =>
    new InvalidArgumentError('model', `?dtype=<${graphDtypes.join('|')}> or ?dimensions=<number> after the name`, got)
  let dtype: GraphDtype | undefined
  let dimensions: number | undefined
  for (const part of text.slice(at + 1).split('&')) {
    const [, key, value = ''] = /^(dtype|dimensions)=(\w+)$/.exec(part) ?? []
    if (key === 'dtype' && dtype === undefined && graphDtypes.includes(value as GraphDtype)) dtype = value as GraphDtype
    else if (key === 'dimensions' && dimensions === undefined && /^[1-9]\d{0,5}$/.test(value))
      dimensions = Number(value)
    else throw wrong(part)
  }
  return { name: text.slice(0, at), dtype, dimensions }
}

/** Owner and name of a model of the hub, nothing that could be another path. */
const hubId = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/

export function isHubId(text: string): boolean {
  return hubId.test(text) && !text.includes('..')
}

/** Where pulled models stand: `VECINO_MODELS`, or `vecino/models` in the user's cache folder. */
export function modelsFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { VECINO_MODELS: own, XDG_CACHE_HOME: cache, LOCALAPPDATA: windows } = environment
  if (own !== undefined && own !== '') return own
  const home = process.platform === 'win32' ? (windows ?? homedir()) : (cache ?? join(homedir(), '.cache'))
  return join(home, 'vecino', 'models')
}
