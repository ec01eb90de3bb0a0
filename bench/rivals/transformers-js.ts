/** transformers.js in a folder of its own, installed on first use, since it brings a runtime of its own. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export const transformersJsVersion = '4.3.1'
const folder = fileURLToPath(new URL('../../.cache/transformers-js/', import.meta.url))
const module = `${folder}node_modules/@huggingface/transformers/dist/transformers.node.mjs`

type Extractor = (texts: readonly string[], options: object) => Promise<unknown>

/** Its feature-extraction pipeline over a folder on disk; nothing is downloaded but the package. */
export async function transformersJs(modelFolder: string, dtype: 'q8' | 'fp32'): Promise<Extractor> {
  if (!existsSync(module)) install()
  const { pipeline, env } = await import(module)
  env.localModelPath = `${dirname(modelFolder)}/`
  env.allowRemoteModels = false
  return pipeline('feature-extraction', modelFolder.slice(dirname(modelFolder).length + 1), { dtype })
}

function install(): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}package.json`, JSON.stringify({ private: true }))
  const { status } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', `@huggingface/transformers@${transformersJsVersion}`],
    { cwd: folder, stdio: 'inherit' },
  )
  if (status !== 0) throw new Error('transformers.js could not be installed')
}
