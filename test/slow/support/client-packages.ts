/** Packages that only slow suites need, pinned, installed without their scripts into a folder of .cache. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export class ClientPackages {
  private readonly folder: string
  private readonly versions: Readonly<Record<string, string>>

  constructor(name: string, versions: Readonly<Record<string, string>>) {
    this.folder = fileURLToPath(new URL(`../../../.cache/${name}/`, import.meta.url))
    this.versions = versions
  }

  /** @returns why they cannot be installed, undefined when they are there. */
  install(): string | undefined {
    const done = join(this.folder, 'installed.json')
    const wanted = JSON.stringify(this.versions)
    if (existsSync(done) && createRequire(done)(done).wanted === wanted) return undefined
    mkdirSync(this.folder, { recursive: true })
    writeFileSync(join(this.folder, 'package.json'), '{"private":true,"type":"module"}\n')
    const packages = Object.entries(this.versions).map(([name, version]) => `${name}@${version}`)
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps']
    const { status, stderr } = spawnSync('npm', ['install', ...flags, ...packages], {
      cwd: this.folder,
      encoding: 'utf8',
    })
    if (status !== 0) return stderr.split('\n').find((line) => line.includes('npm error')) ?? 'npm failed'
    writeFileSync(done, JSON.stringify({ wanted }))
    return undefined
  }

  // biome-ignore lint/suspicious/noExplicitAny: the packages' types are not installed with the project
  async load(name: string): Promise<any> {
    return import(pathToFileURL(createRequire(join(this.folder, 'package.json')).resolve(name)).href)
  }
}
