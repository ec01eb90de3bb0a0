import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { keepSetting } from './core/background.ts'
import { StoreCollection } from './core/collection.ts'
import { assertKnownOptions } from './core/options.ts'
import { withUnitLength } from './core/unit-length.ts'
import { isModelName, namedModel } from './registry.ts'
import type { Collection } from './spec/collection.ts'
import { InvalidArgumentError, NotFoundError } from './spec/errors.ts'
import type { EmbeddingModel } from './spec/model.ts'
import { type Passport, passportDifferences } from './spec/passport.ts'
import type { Store } from './spec/store.ts'
import { openSqliteStore } from './stores/sqlite/store.ts'

/** The collection of the current folder, where none is named. */
export const defaultCollectionPath = 'collection.vecino'

export interface OpenOptions {
  /**
   * `starter`, the path of a model folder, a hosted model such as `openai:text-embedding-3-small`, or a model of your own.
   * @default the model that made the collection; `starter` for a new one
   */
  readonly model?: string | EmbeddingModel | undefined
  /** Which of the collections in the file, 1 to 200 characters. @default 'default' */
  readonly name?: string | undefined
}

/** How a collection's model is found again: a name, also of a hosted model, the path of a folder, or null for an object that must be handed over again. */
type ModelPlace = string | null
const placeSetting = 'model'
const starter = 'starter'

/**
 * Open a collection, or begin a new one: texts, metadata, vectors and full-text index in one SQLite file.
 *
 * @param path - The file; its folder exists. `':memory:'` keeps all in memory. @default 'collection.vecino' in the current folder
 * @throws {PassportMismatchError} when `options.model` is not the model that made the collection's vectors. A collection
 *   without a source takes any model.
 * @throws {NotFoundError} when the model's folder is gone.
 * @throws {FormatVersionError} for a file of a newer release; it is not touched.
 * @throws {UnreadableInputError} for a file that is no collection.
 */
export async function open(path: string = defaultCollectionPath, options: OpenOptions = {}): Promise<Collection> {
  if (typeof path !== 'string' || path === '') throw new InvalidArgumentError('path', 'the path of a file', path)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new InvalidArgumentError(
      'path',
      'the path of a file',
      path,
      `It is a folder; name a file in it: ${path}/${defaultCollectionPath}.`,
    )
  assertKnownOptions(options, ['model', 'name'], 'open')
  let store = await openExisting(path, options.name)
  try {
    const place = store === undefined ? starter : await placeOf(store)
    const model = withUnitLength(await modelOf(options.model ?? place, path, store?.passport))
    if (store !== undefined && (await isVacant(store, model))) {
      await store.close()
      store = undefined
    }
    store ??= await create(path, model, options)
    return new StoreCollection(store, await guarded(model, store))
  } catch (error) {
    await store?.close()
    throw error
  }
}

/** See `withCanary`, which only models that need it load. */
async function guarded(model: EmbeddingModel, store: Store): Promise<EmbeddingModel> {
  if (model.cost === 'negligible') return model
  const { withCanary } = await import('./core/canary.ts')
  return withCanary(model, store)
}

/** Undefined where there is no such file, or no such collection in it. */
async function openExisting(path: string, name: string | undefined): Promise<Store | undefined> {
  if (!existsSync(path)) return undefined
  try {
    return await openSqliteStore(path, { name })
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** Made for another model, but without a vector of it. */
async function isVacant(store: Store, model: EmbeddingModel): Promise<boolean> {
  if (passportDifferences(store.passport, model.passport).length === 0) return false
  return (await store.counts()).sources === 0
}

async function placeOf(store: Store): Promise<ModelPlace> {
  const place = await store.setting(placeSetting)
  return typeof place === 'string' || place === null ? place : starter
}

async function modelOf(
  given: ModelPlace | EmbeddingModel,
  path: string,
  passport: Passport | undefined,
): Promise<EmbeddingModel> {
  if (given === null)
    throw new InvalidArgumentError('options.model', `the model object that ${path} was made with`, undefined)
  if (typeof given !== 'string') return given
  return namedModel(given, passport)
}

async function create(path: string, model: EmbeddingModel, options: OpenOptions): Promise<Store> {
  const store = await openSqliteStore(path, { passport: model.passport, name: options.name })
  const { model: given = starter } = options
  const place: ModelPlace =
    typeof given !== 'string' ? null : given === starter || (await isModelName(given)) ? given : resolve(given)
  try {
    await keepSetting(store, placeSetting, place)
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}
