import { CorruptDataError } from '../spec/errors.ts'

/** The files of one model, wherever they are. */
export interface ModelFolder {
  /** What messages call it: a path or an address, without a slash at its end. */
  readonly place: string
  /** Bytes of a file by its path within the folder, `/` between; undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>
}

const remedy = 'Take the folder from its source again.'

/** A JSON object of the folder; undefined where the file is not there. @throws {CorruptDataError} when it is no JSON object. */
export async function readModelJson(folder: ModelFolder, name: string): Promise<Record<string, unknown> | undefined> {
  const value = await readModelJsonValue(folder, name)
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CorruptDataError(`${folder.place}/${name}`, 'a JSON object', 'another value', { remedy })
  return value as Record<string, unknown>
}

/** Settings of a module that modules.json names. @throws {CorruptDataError} where they are not there: half a model. */
export async function readModuleJson(folder: ModelFolder, path: string): Promise<Record<string, unknown>> {
  const found = await readModelJson(folder, `${path}/config.json`)
  if (found === undefined)
    throw new CorruptDataError(`${folder.place}/${path}/config.json`, 'what modules.json names', 'nothing', { remedy })
  return found
}

export async function readModelJsonValue(folder: ModelFolder, name: string): Promise<unknown> {
  const bytes = await folder.read(name)
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new CorruptDataError(`${folder.place}/${name}`, 'JSON', 'another text', { remedy, cause })
  }
}
