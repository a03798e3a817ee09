import { NexusError } from '../../../common/errors/nexus-error.ts'
import { Decision } from '../../../common/gen/nexus/rebac/v1/check.ts'
import type { ExplainRequest, ExplainResponse } from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { type Explanation, PLAIN_STEP } from '../../engine/explanation.ts'
import { validateQuestion } from '../../schema/validate.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseQuestion } from '../parse/question.ts'
import { parseAlsoAs, parseScope } from '../parse/scope.ts'
import { presentExplanation } from '../present/explanation.ts'
import { allSubjects, withEvaluator } from './with-evaluator.ts'

/** Explain: why it was decided so. */
export function explainHandler(api: ApiContext) {
  return ({ check }: ExplainRequest, call: CallContext<Caller>): Promise<ExplainResponse> => {
    if (check === undefined) throw new NexusError('INVALID_REQUEST', 'check is missing.')
    const scope = parseScope(check, api.tokens)
    requireTenant(call.caller, scope.tenant)
    const question = parseQuestion(
      check,
      scope.tenant,
      parseAlsoAs(check.alsoAs, scope.tenant),
      check.resolveInheritance,
    )

    return withEvaluator(api, scope, call.deadline, (lookup) => {
      const { objectType, objectId, relation } = question
      const subjects = allSubjects(lookup, question)
      for (const subject of subjects) validateQuestion(lookup.schema, { objectType, objectId, relation, subject })
      const root = deciding(
        subjects.map((subject) => lookup.evaluator.explain(objectType, objectId, relation, subject)),
      )
      return { decision: decisions[root.outcome], root: presentExplanation(root), token: lookup.token }
    })
  }
}

/** The explanation that decided; of several subjects without a right, all. */
function deciding(explanations: readonly Explanation[]): Explanation {
  const [first] = explanations
  if (first === undefined) throw new Error('a question has at least one subject')
  const granting = explanations.find(({ outcome }) => outcome === 'true')
  if (granting !== undefined || explanations.length === 1) return granting ?? first
  const outcome = explanations.some((one) => one.outcome === 'error') ? 'error' : 'false'
  const { objectType, objectId, relation, subject } = first
  return { ...PLAIN_STEP, objectType, objectId, relation, subject, step: 'union', outcome, children: explanations }
}

/** An error decides nothing; Check fails with it. */
const decisions: Readonly<Record<Explanation['outcome'], Decision>> = {
  true: Decision.DECISION_ALLOWED,
  false: Decision.DECISION_DENIED,
  cycle: Decision.DECISION_DENIED,
  error: Decision.DECISION_UNSPECIFIED,
}
