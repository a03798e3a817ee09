import type { CheckBulkRequest, CheckBulkResponse } from '../../../common/gen/nexus/rebac/v1/check.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseBulkQuestions } from '../parse/bulk.ts'
import { parseScope } from '../parse/scope.ts'
import { answerQuestions } from './answer-questions.ts'
import { type Asked, type Outcome, Undecided } from './answer-run.ts'
import type { Question } from './question.ts'
import { presentResult } from './present.ts'

/** CheckBulk: many questions, answered at one revision; each may fail on its own. */
export function checkBulkHandler(api: ApiContext) {
  return async (request: CheckBulkRequest, call: CallContext<Caller>): Promise<CheckBulkResponse> => {
    const scope = parseScope(request, api.tokens)
    requireTenant(call.caller, scope.tenant)
    const questions = parseBulkQuestions(request, scope.tenant)

    const { outcomes, revision } = await answerQuestions(api.tenants, scope, askedOf(questions, call))

    const results = mergeOutcomes(questions, outcomes).map((outcome) => presentResult(outcome, api, 'CheckBulk'))
    return { results, token: api.tokens.token(scope.tenant, revision) }
  }
}

/** Those questions of a bulk request that could be read, as they are asked. */
export function askedOf(questions: readonly (Question | Undecided)[], call: Omit<Asked, 'question'>): Asked[] {
  const asked: Asked[] = []
  const { deadline, isCancelled } = call
  for (const question of questions) {
    if (!(question instanceof Undecided)) asked.push({ question, deadline, isCancelled })
  }
  return asked
}

/** The outcomes of all, given those of the questions that were asked. */
export function mergeOutcomes(questions: readonly (Question | Undecided)[], outcomes: readonly Outcome[]): Outcome[] {
  const answered = outcomes[Symbol.iterator]()
  return questions.map((question) => {
    if (question instanceof Undecided) return question
    return answered.next().value ?? new Undecided(new Error('a question was left without an answer'))
  })
}
