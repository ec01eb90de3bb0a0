export { discardEmptySqlite } from './discard-empty.ts'
export { repairSqlite } from './repair.ts'
export { openSqliteStore } from './store.ts'
