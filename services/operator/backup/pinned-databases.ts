import BetterSqlite3 from 'better-sqlite3'
import { describeError, NexusError } from '../../common/errors/nexus-error.ts'
import { isBusy, isDamage } from '../../common/sql/sqlite/errors.ts'
import type { Both } from '../places.ts'

/** Closing them lets go of their state. */
export interface PinnedDatabases extends Both<BetterSqlite3.Database> {
  close(): void
}

/** How long to wait for the permission database's writer, in milliseconds; its transactions take a few. */
const LOCK_WAIT_MS = 10_000

/**
 * Both databases as they were at one moment, each on a connection that reads that state until it is closed.
 *
 * The two are written by two processes, so one has to hold still while both are pinned: for a few milliseconds the
 * permission database's write lock is ours, and its writers wait. Whatever the gateway commits meanwhile stands in its
 * outbox and cannot have been applied. So the pair is one that a power failure at that moment would have left behind,
 * and it heals in the same way: the outbox is applied at the next start, and the idempotency keys in the permission
 * database make what was applied already change nothing.
 *
 * @throws NexusError CONFIG_INVALID if there is no database, DATABASE_DAMAGED, UNAVAILABLE if the lock cannot be had
 */
export function pinDatabases(files: Both<string>): PinnedDatabases {
  const opened: BetterSqlite3.Database[] = []
  const close = (): void => {
    for (const database of opened) database.close()
  }
  const open = (file: string, readonly: boolean): BetterSqlite3.Database => {
    const database = inWords(
      file,
      () => new BetterSqlite3(file, { readonly, fileMustExist: true, timeout: LOCK_WAIT_MS }),
    )
    opened.push(database)
    return database
  }
  try {
    const gateway = open(files.gateway, true)
    const rebac = open(files.rebac, true)
    const lock = open(files.rebac, false)
    inWords(files.rebac, () => lock.exec('begin immediate'))
    try {
      inWords(files.rebac, () => pin(rebac))
      inWords(files.gateway, () => pin(gateway))
    } finally {
      lock.exec('rollback')
    }
    return { gateway, rebac, close }
  } catch (error) {
    close()
    throw error
  }
}

/** A read transaction sees the state that its first statement saw. */
function pin(database: BetterSqlite3.Database): void {
  database.exec('begin')
  database.prepare('select count(*) from sqlite_schema').get()
}

function inWords<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const options = { cause: error }
    if (isDamage(error)) {
      const message = `The database ${file} is damaged (${describeError(error)}): a backup of it would be worth nothing.`
      throw new NexusError('DATABASE_DAMAGED', message, options)
    }
    if (isBusy(error)) {
      const message = `Another program has locked ${file} for ${LOCK_WAIT_MS / 1_000} s: try again when it is done.`
      throw new NexusError('UNAVAILABLE', message, options)
    }
    const message = `The database ${file} cannot be opened (${describeError(error)}): check NEXUS_DATA_DIR and the database URLs.`
    throw new NexusError('CONFIG_INVALID', message, options)
  }
}
