import type { NexusError } from '../../../common/errors/nexus-error.ts'
import { type CheckBulkResult, Decision, type ErrorDetail } from '../../../common/gen/nexus/rebac/v1/check.ts'
import type { ApiContext } from '../api-context.ts'
import { COVERING, type Outcome, Undecided } from './answer-run.ts'

const ALLOWED: CheckBulkResult = {
  outcome: { $case: 'decision', value: Decision.DECISION_ALLOWED },
  coversSubtree: false,
}
const ALLOWED_BELOW: CheckBulkResult = { ...ALLOWED, coversSubtree: true }
const DENIED: CheckBulkResult = {
  outcome: { $case: 'decision', value: Decision.DECISION_DENIED },
  coversSubtree: false,
}

/** The decision of a single question, counted. @throws what kept it from being decided */
export function presentDecision(outcome: Outcome | undefined, api: ApiContext, rpc: string): Decision {
  const tally = api.checks.of(rpc)
  if (outcome === true || outcome === COVERING) tally.allowed += 1
  else if (outcome === false) tally.denied += 1
  else {
    tally.failed += 1
    throw outcome === undefined ? new Error('a question was left without an answer') : outcome.error
  }
  return outcome ? Decision.DECISION_ALLOWED : Decision.DECISION_DENIED
}

/** The result of one of several questions, counted. */
export function presentResult(outcome: Outcome, api: ApiContext, rpc: string): CheckBulkResult {
  const tally = api.checks.of(rpc)
  if (outcome instanceof Undecided) {
    tally.failed += 1
    const error = presentError(api.errors.toError(outcome.error, rpc))
    return { outcome: { $case: 'error', value: error }, coversSubtree: false }
  }
  tally[outcome ? 'allowed' : 'denied'] += 1
  return outcome === COVERING ? ALLOWED_BELOW : outcome ? ALLOWED : DENIED
}

/** An error inside an answer. */
export function presentError(error: NexusError): ErrorDetail {
  return { code: error.grpc, reason: error.reason, message: error.message }
}
