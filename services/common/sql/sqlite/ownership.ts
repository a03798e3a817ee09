import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { NexusError } from '../../errors/nexus-error.ts'

/**
 * Makes this process the only owner of a SQLite file until the returned handle is closed or the process dies.
 * Node has no flock, so the owner keeps an exclusive transaction open on a side file: the lock is the kernel's, and a
 * file that a dead process left behind locks nobody out.
 * @throws NexusError DATABASE_OWNED
 */
export function ownSqliteFile(file: string): Disposable {
  const lockFile = `${file}.lock`
  mkdirSync(dirname(file), { recursive: true })
  const lock = new BetterSqlite3(lockFile, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    throw new NexusError(
      'DATABASE_OWNED',
      `The database ${file} is in use by another process: stop that one, or set another data directory (NEXUS_DATA_DIR).`,
      { cause: error },
    )
  }
  return {
    [Symbol.dispose](): void {
      lock.close()
    },
  }
}
