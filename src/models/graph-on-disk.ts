import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseGraph, type GraphDtype } from './graph-files.ts'
import { digestOf } from './model-files.ts'

/** The file of a folder's graph; see `chooseGraph`. */
export async function findGraph(folder: string, dtype: GraphDtype): Promise<string> {
  const [top, inner] = await Promise.all([listed(folder), listed(join(folder, 'onnx'))])
  return join(folder, chooseGraph([...top, ...inner.map((name) => `onnx/${name}`)], dtype, folder))
}

/** The graph's file and those of weights beside it, which it names itself; by convention `<graph>_data`. */
export async function graphParts(path: string): Promise<string[]> {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  const name = path.slice(cut + 1)
  const beside = await listed(path.slice(0, cut))
  const data = beside.filter((file) => file === `${name}_data` || file === `${name}.data` || isNumberedPart(file, name))
  return [path, ...data.sort().map((file) => join(path.slice(0, cut), file))]
}

/** SHA-256 of the graph and of the weights beside it, read as streams: they may be larger than memory. */
export async function digestOfGraph(path: string): Promise<string> {
  const digests: string[] = []
  for (const part of await graphParts(path)) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
    digests.push(hash.digest('hex'))
  }
  return digests.length === 1 ? (digests[0] as string) : digestOf(...digests)
}

function isNumberedPart(file: string, name: string): boolean {
  return file.startsWith(`${name}_data_`) && /^\d+$/.test(file.slice(name.length + 6))
}

async function listed(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw cause
  }
}
