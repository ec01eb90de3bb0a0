import type { Passport } from '../../src/spec/passport.ts'
import type { Store, WriteBatch } from '../../src/spec/store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/index.ts'

/**
 * A real store that is gone with its last reference.
 *
 * @param replaced - Methods that answer in place of the store's own, to count calls or to inject failures.
 */
export async function memoryStore(
  passport: Passport,
  replaced: (store: Store) => Partial<Store> = () => ({}),
): Promise<Store> {
  const store = await openSqliteStore(':memory:', { passport })
  const own = replaced(store)
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name as keyof Store]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** A store whose writes call `beforeWrite` first; what that throws, the write throws. */
export function storeFailing(passport: Passport, beforeWrite: (batch: WriteBatch) => void): Promise<Store> {
  return memoryStore(passport, (store) => ({
    write: async (batch) => {
      beforeWrite(batch)
      await store.write(batch)
    },
  }))
}
