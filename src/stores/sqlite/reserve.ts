import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** Room kept in `<path>-reserve`, given up so that reading and removing work on a full disk. */
const reserveBytes = 2 * 1024 * 1024

/** Lay the reserve if it is missing and the disk has room. */
export function keepReserve(path: string): void {
  const reserve = reservePath(path)
  if (existsSync(reserve)) return
  try {
    writeFileSync(reserve, Buffer.alloc(reserveBytes))
  } catch {
    rmSync(reserve, { force: true })
  }
}

/** @returns whether there was a reserve to give up. */
export function giveUpReserve(path: string): boolean {
  const reserve = reservePath(path)
  const existed = existsSync(reserve)
  rmSync(reserve, { force: true })
  return existed
}

function reservePath(path: string): string {
  return `${path}-reserve`
}
