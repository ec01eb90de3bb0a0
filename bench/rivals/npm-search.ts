import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Matrix, rowOf } from '../../src/spec/matrix.ts'
import { processorMs } from '../harness.ts'
import { npmRival } from './npm.ts'

/** A search rival from npm over rows of unit length; all of them work on one thread. */
export interface SearchRival {
  readonly name: string
  readonly version: string
  /** Milliseconds of the processor from the rows to the first search. */
  readonly buildMs: number
  /** Ids of the nearest rows, best first, `topK` a query. */
  search(queries: Matrix, topK: number): Promise<number[]>
  close(): void
}

export type StartRival = (rows: Matrix) => Promise<SearchRival>

const eachRow = (matrix: Matrix) => Array.from({ length: matrix.rows }, (_, i) => rowOf(matrix, i))

async function oneByOne(
  queries: Matrix,
  search: (query: Float32Array) => number[] | Promise<number[]>,
): Promise<number[]> {
  const ids: number[] = []
  for (const query of eachRow(queries)) ids.push(...(await search(query)))
  return ids
}

export const sqliteVec: StartRival = async (rows) => {
  const { module, version } = await npmRival<{ getLoadablePath(): string }>('sqlite-vec')
  const from = processorMs()
  const database = new DatabaseSync(':memory:', { allowExtension: true })
  database.loadExtension(module.getLoadablePath())
  database.exec(`create virtual table v using vec0(embedding float[${rows.columns}])`)
  const insert = database.prepare('insert into v(rowid, embedding) values (?, ?)')
  database.exec('begin')
  eachRow(rows).forEach((row, i) => {
    insert.run(BigInt(i), bytesOf(row))
  })
  database.exec('commit')
  const buildMs = processorMs() - from
  const select = database.prepare('select rowid from v where embedding match ? and k = ? order by distance')
  return {
    name: 'sqlite-vec',
    version,
    buildMs,
    search: (queries, topK) =>
      oneByOne(queries, (query) => select.all(bytesOf(query), topK).map(({ rowid }) => Number(rowid))),
    close: () => database.close(),
  }
}

interface Usearch {
  Index: new (options: {
    dimensions: number
    metric: string
    quantization: string
    expansion_search?: number
  }) => {
    add(keys: BigUint64Array, vectors: Float32Array, threads: number): void
    search(vectors: Float32Array, k: number, threads: number): { keys: BigUint64Array }
  }
  exactSearch(
    rows: Float32Array,
    queries: Float32Array,
    dimensions: number,
    count: number,
    metric: string,
    threads: number,
  ): { keys: BigUint64Array }
}

export const usearchExact: StartRival = async ({ data, columns }) => {
  const { module, version } = await npmRival<Usearch>('usearch')
  return {
    name: 'usearch exactSearch',
    version,
    buildMs: 0,
    search: async (queries, topK) =>
      Array.from(module.exactSearch(data, queries.data, columns, topK, 'ip', 1).keys, Number),
    close: () => undefined,
  }
}

export const usearchHnsw: StartRival = async ({ data, rows, columns }) => {
  const { module, version } = await npmRival<Usearch>('usearch')
  const from = processorMs()
  const index = new module.Index({ dimensions: columns, metric: 'ip', quantization: 'f32' })
  index.add(
    BigUint64Array.from({ length: rows }, (_, i) => BigInt(i)),
    data,
    1,
  )
  return {
    name: 'usearch HNSW, defaults',
    version,
    buildMs: processorMs() - from,
    search: async (queries, topK) => Array.from(index.search(queries.data, topK, 1).keys, Number),
    close: () => undefined,
  }
}

interface Hnswlib {
  HierarchicalNSW: new (
    space: string,
    dimensions: number,
  ) => {
    initIndex(rows: number): void
    addPoint(point: number[], label: number): void
    setEf(ef: number): void
    searchKnn(point: number[], topK: number): { neighbors: number[] }
  }
}

export const hnswlib: StartRival = async (rows) => {
  const { module, version } = await npmRival<Hnswlib>('hnswlib-node')
  const from = processorMs()
  const index = new module.HierarchicalNSW('ip', rows.columns)
  index.initIndex(rows.rows)
  eachRow(rows).forEach((row, i) => {
    index.addPoint(Array.from(row), i)
  })
  // Its default of 10 finds less than nine in ten of the nearest ten.
  index.setEf(64)
  return {
    name: 'hnswlib-node, ef 64',
    version,
    buildMs: processorMs() - from,
    search: (queries, topK) => oneByOne(queries, (query) => index.searchKnn(Array.from(query), topK).neighbors),
    close: () => undefined,
  }
}

interface Orama {
  create(options: { schema: Record<string, string> }): object
  insertMultiple(database: object, documents: object[], batchSize: number): Promise<unknown>
  search(database: object, query: object): Promise<{ hits: { id: string }[] }>
}

export const orama: StartRival = async (rows) => {
  const { module, version } = await npmRival<Orama>('@orama/orama')
  const from = processorMs()
  const database = module.create({ schema: { embedding: `vector[${rows.columns}]` } })
  const documents = eachRow(rows).map((row, i) => ({ id: `${i}`, embedding: Array.from(row) }))
  await module.insertMultiple(database, documents, 1000)
  return {
    name: 'Orama',
    version,
    buildMs: processorMs() - from,
    search: (queries, topK) =>
      oneByOne(queries, async (query) => {
        const vector = { value: Array.from(query), property: 'embedding' }
        const { hits } = await module.search(database, { mode: 'vector', vector, similarity: 0, limit: topK })
        return hits.map(({ id }) => Number(id))
      }),
    close: () => undefined,
  }
}

interface Vectra {
  LocalIndex: new (
    folder: string,
  ) => {
    createIndex(): Promise<void>
    batchInsertItems(items: { id: string; vector: number[] }[]): Promise<unknown>
    queryItems(vector: number[], query: string, topK: number): Promise<{ item: { id: string } }[]>
  }
}

export const vectra: StartRival = async (rows) => {
  const { module, version } = await npmRival<Vectra>('vectra')
  const folder = mkdtempSync(join(tmpdir(), 'vecino-bench-vectra-'))
  const from = processorMs()
  const index = new module.LocalIndex(folder)
  await index.createIndex()
  await index.batchInsertItems(eachRow(rows).map((row, i) => ({ id: `${i}`, vector: Array.from(row) })))
  return {
    name: 'vectra',
    version,
    buildMs: processorMs() - from,
    search: (queries, topK) =>
      oneByOne(queries, async (query) =>
        (await index.queryItems(Array.from(query), '', topK)).map(({ item }) => Number(item.id)),
      ),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function bytesOf(row: Float32Array): Uint8Array {
  return new Uint8Array(row.buffer, row.byteOffset, row.byteLength)
}
