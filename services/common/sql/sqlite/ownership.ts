import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { describeError, NexusError } from '../../errors/nexus-error.ts'
import { isBusy, isFull, noRoomToOpen } from './errors.ts'

/**
 * Two processes that ask at the same instant can each keep the other from the lock for a moment. So both try for this
 * long, in milliseconds, and one of them gets it.
 */
const CONTEST_MS = 150

/**
 * Makes this process the only owner of a SQLite file until the returned handle is closed or the process dies.
 * Node has no flock, so the owner keeps an exclusive transaction open on a side file: the lock is the kernel's, and a
 * file that a dead process left behind locks nobody out.
 * @throws NexusError DATABASE_OWNED; STORAGE_FULL; CONFIG_INVALID if the directory or the side file cannot be written
 */
export function ownSqliteFile(file: string): Disposable {
  let lock: BetterSqlite3.Database | undefined
  try {
    mkdirSync(dirname(file), { recursive: true })
    lock = new BetterSqlite3(`${trueName(file)}.lock`, { timeout: CONTEST_MS })
    lock.exec('begin exclusive')
  } catch (error) {
    lock?.close()
    if (isFull(error)) throw noRoomToOpen(file, error)
    if (!isBusy(error)) {
      throw new NexusError(
        'CONFIG_INVALID',
        `The database ${file} cannot be opened (${describeError(error)}): check that its directory exists and can be written, or set another one (NEXUS_DATA_DIR).`,
        { cause: error },
      )
    }
    throw new NexusError(
      'DATABASE_OWNED',
      `The database ${file} is in use by another process: stop that one, or set another data directory (NEXUS_DATA_DIR).`,
      { cause: error },
    )
  }
  const held = lock
  return {
    [Symbol.dispose](): void {
      held.close()
    },
  }
}

/** Two names of one file, through a symbolic link, must meet at one lock. */
function trueName(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file))
}
