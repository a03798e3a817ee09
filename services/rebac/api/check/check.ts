import type { CheckRequest, CheckResponse } from '../../../common/gen/nexus/rebac/v1/check.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseQuestion } from '../parse/question.ts'
import { parseAlsoAs, parseScope } from '../parse/scope.ts'
import { answerQuestions, type Answers } from './answer-questions.ts'
import { presentDecision } from './present.ts'

/** Check: one question. */
export function checkHandler(api: ApiContext) {
  return (request: CheckRequest, call: CallContext<Caller>): CheckResponse | Promise<CheckResponse> => {
    const scope = parseScope(request, api.tokens)
    requireTenant(call.caller, scope.tenant)
    const alsoAs = parseAlsoAs(request.alsoAs, scope.tenant)
    const question = parseQuestion(request, scope.tenant, alsoAs, request.resolveInheritance)

    const { deadline, isCancelled } = call
    const answers = answerQuestions(api.tenants, scope, [{ question, deadline, isCancelled }])

    const present = ({ outcomes, revision }: Answers): CheckResponse => ({
      decision: presentDecision(outcomes[0], api, 'Check'),
      token: api.tokens.token(scope.tenant, revision),
    })
    return answers instanceof Promise ? answers.then(present) : present(answers)
  }
}
