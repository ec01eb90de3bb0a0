import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const folder = new URL('../../.cache/rivals-npm/', import.meta.url)

/** A rival from npm with the version that is installed, typed by whoever calls it as far as it is used there. */
export async function npmRival<T>(name: string): Promise<{ module: T; version: string }> {
  const installed = new URL(`node_modules/${name}/package.json`, folder)
  if (!existsSync(installed)) throw new Error(`${name} is not installed: node bench/rivals/setup.ts`)
  const { version } = JSON.parse(readFileSync(installed, 'utf8')) as { version: string }
  const path = createRequire(new URL('package.json', folder)).resolve(name)
  const found = (await import(pathToFileURL(path).href)) as { default?: object }
  // What CommonJS exports is the default of its module; some also have named exports.
  return { module: { ...found.default, ...found } as T, version }
}
