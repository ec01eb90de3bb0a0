export { backupSqlite } from './backup.ts'
export { type RepairReport, repairSqlite } from './repair.ts'
export { openSqliteStore, type SqliteStoreOptions, sqliteCollections } from './store.ts'
