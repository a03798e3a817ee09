import { ERRORS } from '@tus/utils'
import type { Logger } from '../../../services/common/log.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { errorBody } from '../../rpc/envelope.ts'
import { presentError } from '../../rpc/errors.ts'
import { KeyRefused, STATUS } from '../files/file-errors.ts'

interface UploadError {
  readonly status_code: number
  readonly body: string
}

/** An error as the answer to a request of tus. What the library says of its protocol stays as it is. */
export function uploadError(thrown: unknown, requestId: string, logger: Logger): UploadError | undefined {
  if (thrown instanceof KeyRefused) return { status_code: 401, body: JSON.stringify({ detail: thrown.message }) }
  if (isProtocolError(thrown)) return undefined
  const { http, error, defect } = presentError(thrown, requestId)
  if (defect !== null) logger.error({ requestId, err: defect.cause ?? defect }, 'an upload failed')
  const status = thrown instanceof NexusError ? (STATUS[thrown.reason] ?? http) : 500
  return { status_code: status, body: errorBody(null, error) }
}

function isProtocolError(thrown: unknown): boolean {
  return Object.values(ERRORS).some((known) => known === thrown)
}

/** Whether the same upload may succeed later. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof NexusError) || [429, 503, 507].includes(error.http) || error.reason === 'INTERNAL'
}
