import { NexusError } from '../../errors/nexus-error.ts'
import { deadlinePassed } from '../write-queue.ts'

/** SQLSTATE classes and codes after which the same transaction may succeed. */
const CONFLICTS = new Set(['40001', '40P01', '55P03'])
const CONNECTION_STATES = new Set(['57P01', '57P02', '57P03', '53300', '25006', '57014'])
const CONNECTION_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

/** A serialization failure or deadlock: the server has rolled the transaction back. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error))
}

/** The server is away, or the connection to it was lost. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error)
  if (code.startsWith('08') || CONNECTION_STATES.has(code) || CONNECTION_CODES.has(code)) return true
  return error instanceof Error && /terminated|timeout|not queryable|closed the connection|ended/i.test(error.message) && !isSqlState(code)
}

/** The one place where PostgreSQL's errors become ours. */
export function postgresError(error: unknown): NexusError {
  if (error instanceof NexusError) return error
  const code = codeOf(error)
  if (code === '53100') return new NexusError('STORAGE_FULL', 'The disk is full; the write changed nothing.', { cause: error })
  if (isConflict(error)) return new NexusError('UNAVAILABLE', deadlinePassed().message, { cause: error })
  if (isConnectionLoss(error)) {
    return new NexusError('UNAVAILABLE', 'The database cannot be reached; try again later.', { cause: error })
  }
  return new NexusError('INTERNAL', 'The database failed; the log has the details.', { cause: error })
}

export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code)
}
