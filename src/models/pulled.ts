import { join } from 'node:path'
import { knownLocalModel } from './known-local-models.ts'
import { isHubId, modelsFolder } from './local-names.ts'
import { exists, onDisk } from './model-files.ts'
import { readModelJson } from './model-folder.ts'

/** What `pull` writes last into a model's folder: without it the folder is half a download. */
export const manifestName = 'vecino-pull.json'

export interface PullManifest {
  readonly format: 1
  readonly model: string
  /** Commit of the hub that every file is of; null for a copy of a folder. */
  readonly revision: string | null
  /** Address or folder it came from. */
  readonly source: string
  readonly licence: string | null
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[]
}

/** Owner and name on the hub: as it stands, or of a model known by its last part. */
export function hubIdOf(name: string): string | undefined {
  return isHubId(name) ? name : knownLocalModel(name)?.model
}

/** The folder a model was pulled into; undefined when it was not, or only half. */
export async function pulledFolder(name: string, root: string = modelsFolder()): Promise<string | undefined> {
  const id = hubIdOf(name)
  if (id === undefined) return undefined
  const folder = join(root, ...id.split('/'))
  return (await exists(join(folder, manifestName))) ? folder : undefined
}

export async function readManifest(folder: string): Promise<PullManifest | undefined> {
  return (await readModelJson(onDisk(folder), manifestName)) as unknown as PullManifest | undefined
}
