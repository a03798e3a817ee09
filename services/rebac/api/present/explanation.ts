import { type ExplainNode, ExplainNode_Outcome as Outcome } from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import type { Explanation } from '../../engine/explanation.ts'
import { presentRelationship, presentSubject } from './relationship.ts'

/** An explanation for the wire. */
export function presentExplanation(explanation: Explanation): ExplainNode {
  const { objectType, objectId, relation, subject, step, relationship } = explanation
  return {
    outcome: outcomes[explanation.outcome],
    object: { type: objectType, id: objectId },
    relation,
    subject: presentSubject(subject),
    step,
    relationship: relationship === null ? undefined : presentRelationship(relationship),
    derived: explanation.derived,
    expired: explanation.expired,
    conditionFailed: explanation.conditionFailed,
    message: explanation.message,
    children: explanation.children.map(presentExplanation),
  }
}

const outcomes: Readonly<Record<Explanation['outcome'], Outcome>> = {
  true: Outcome.OUTCOME_TRUE,
  false: Outcome.OUTCOME_FALSE,
  cycle: Outcome.OUTCOME_CYCLE,
  error: Outcome.OUTCOME_ERROR,
}
