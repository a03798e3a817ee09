import { NexusError } from '../../errors/nexus-error.ts'
import { deadlinePassed } from '../write-queue.ts'

/** The one place where SQLite's errors become ours. */
export function sqliteError(error: unknown): NexusError {
  if (error instanceof NexusError) return error
  if (isFull(error)) {
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

/** There is no room: for the file, its log, or the log's index, which is memory that is mapped to a file. */
export function isFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'].includes(sqliteCode(error))
}

/** What a start says on a full disk. */
export function noRoomToOpen(file: string, cause: unknown): NexusError {
  const message = `The database ${file} cannot be opened: the disk is full; make room and start again.`
  return new NexusError('STORAGE_FULL', message, { cause })
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
