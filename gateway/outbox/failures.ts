import { type NexusError, toNexusError } from '../../services/common/errors/nexus-error.ts'
import type { ErrorReason } from '../../services/common/errors/catalogue.ts'

/** What becomes of an entry whose application failed. */
export type Verdict = 'retry' | 'done' | 'drop'

/** An unexplained failure may be a passing one; this often it is tried again. */
const INTERNAL_ATTEMPTS = 10

/** The service, or its database, is away or not yet set up rightly: the entry itself may be perfect. */
const PASSING: ReadonlySet<ErrorReason> = new Set<ErrorReason>([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'BUSY',
  'STORAGE_FULL',
  'SCHEMA_CHANGED',
  'UNAUTHENTICATED',
  'TOKEN_NOT_PERMITTED',
  'TOKEN_EPOCH',
])

/** Judges a failure; `attempt` counts from 1. */
export function judge(error: unknown, attempt: number): { readonly verdict: Verdict; readonly error: NexusError } {
  const known = toNexusError(error)
  if (PASSING.has(known.reason)) return { verdict: 'retry', error: known }
  // The key is there with another body: an earlier attempt was applied.
  if (known.reason === 'IDEMPOTENCY_KEY_REUSED') return { verdict: 'done', error: known }
  if (known.reason === 'INTERNAL') return { verdict: attempt < INTERNAL_ATTEMPTS ? 'retry' : 'drop', error: known }
  return { verdict: 'drop', error: known }
}
