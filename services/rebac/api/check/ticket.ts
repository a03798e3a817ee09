import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { CheckStreamItem, CheckStreamResult } from '../../../common/gen/nexus/rebac/v1/check.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_TIMEOUT_MS } from '../limits.ts'
import { parseBulkQuestions } from '../parse/bulk.ts'
import { parseQuestion } from '../parse/question.ts'
import { parseAlsoAs, parseScope } from '../parse/scope.ts'
import type { Outcome, Undecided } from './answer-run.ts'
import { mergeOutcomes } from './check-bulk.ts'
import { presentDecision, presentError, presentResult } from './present.ts'
import type { Question, QuestionScope } from './question.ts'

const RPC = 'CheckStream'

/** An item of a stream that waits for its answer. */
export interface Ticket {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly deadline: number
  readonly isBulk: boolean
  readonly scope: QuestionScope
  readonly questions: readonly (Question | Undecided)[]
  /** Answered, expired or cancelled. */
  settled: boolean
}

/** @throws NexusError what is wrong with the item, or forbidden to the caller */
export function openTicket(item: CheckStreamItem, api: ApiContext, caller: Caller, now: number): Ticket {
  const { id, timeoutMs, question: asked } = item
  if (asked === undefined) throw new NexusError('INVALID_REQUEST', 'Either check or bulk must be set.')
  const scope = parseScope(asked.value, api.tokens)
  const { tenant } = scope
  requireTenant(caller, tenant)
  const isBulk = asked.$case === 'bulk'
  const questions = isBulk
    ? parseBulkQuestions(asked.value, tenant)
    : [parseQuestion(asked.value, tenant, parseAlsoAs(asked.value.alsoAs, tenant), asked.value.resolveInheritance)]
  return { id, deadline: now + (timeoutMs || DEFAULT_TIMEOUT_MS), isBulk, scope, questions, settled: false }
}

/** The answer to an item, from the outcomes of those of its questions that were asked. */
export function presentTicket(
  ticket: Ticket,
  outcomes: readonly Outcome[],
  revision: number,
  api: ApiContext,
): CheckStreamResult {
  const token = api.tokens.token(ticket.scope.tenant, revision)
  if (ticket.isBulk) {
    const results = mergeOutcomes(ticket.questions, outcomes).map((outcome) => presentResult(outcome, api, RPC))
    return { id: ticket.id, outcome: { $case: 'bulk', value: { results, token } } }
  }
  try {
    const decision = presentDecision(outcomes[0], api, RPC)
    return { id: ticket.id, outcome: { $case: 'check', value: { decision, token } } }
  } catch (error) {
    return presentFailure(ticket.id, error, api)
  }
}

/** The answer to an item that failed as a whole. */
export function presentFailure(id: number, error: unknown, api: ApiContext): CheckStreamResult {
  return { id, outcome: { $case: 'error', value: presentError(api.errors.toError(error, RPC)) } }
}
