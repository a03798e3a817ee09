import { NexusError } from '../../errors/nexus-error.ts'
import { deadlinePassed } from '../write-queue.ts'

/** The one place where SQLite's errors become ours. */
export function sqliteError(error: unknown): NexusError {
  if (error instanceof NexusError) return error
  const code = sqliteCode(error)
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE') {
    return new NexusError('STORAGE_FULL', 'The disk is full; the write changed nothing.', { cause: error })
  }
  if (isBusy(error)) return new NexusError('UNAVAILABLE', deadlinePassed().message, { cause: error })
  return new NexusError('INTERNAL', 'The database failed; the log has the details.', { cause: error })
}

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
}

/** The file is not what SQLite wrote. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error)
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

/** The extended result code's name, such as SQLITE_IOERR_WRITE; '' if it is no error of SQLite. */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
