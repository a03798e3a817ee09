import { NexusError } from '../../errors/nexus-error.ts'
import { deadlinePassed } from '../write-queue.ts'

/** SQLSTATE codes after which the same transaction may succeed: serialization failure, deadlock, lock timeout. */
const CONFLICTS = new Set(['40001', '40P01', '55P03'])
/** SQLSTATE codes of a server that ends, starts, is full of connections or a standby, and of cancelled statements. */
const AWAY_STATES = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25006', '25P03', '57014'])
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
/** Errors that the client makes itself have no code. */
const CLIENT_MESSAGES = /\b(terminated|timeout|not queryable|closed the connection|ended)\b/i

/** The server has rolled the transaction back, and it may succeed if it is run again. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error))
}

/** The server is away, or the connection to it was lost. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error)
  if (code.startsWith('08') || AWAY_STATES.has(code) || NETWORK_CODES.has(code)) return true
  return code === '' && error instanceof Error && !(error instanceof NexusError) && CLIENT_MESSAGES.test(error.message)
}

/** The one place where PostgreSQL's errors become ours. */
export function postgresError(error: unknown): NexusError {
  if (error instanceof NexusError) return error
  const code = codeOf(error)
  if (code === '53100')
    return new NexusError('STORAGE_FULL', 'The disk is full; the write changed nothing.', { cause: error })
  if (isConflict(error)) return new NexusError('UNAVAILABLE', deadlinePassed().message, { cause: error })
  if (isConnectionLoss(error)) {
    return new NexusError('UNAVAILABLE', 'The database cannot be reached; try again later.', { cause: error })
  }
  return new NexusError('INTERNAL', 'The database failed; the log has the details.', { cause: error })
}

/** SQLSTATE or the operating system's code; '' if there is none. A refused connection has one error for each address. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
