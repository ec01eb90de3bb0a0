export { repairSqlite } from './repair.ts'
export { openSqliteStore } from './store.ts'
