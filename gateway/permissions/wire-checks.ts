import { NexusError } from '../../services/common/errors/nexus-error.ts'
import {
  type CheckBulkRequest,
  type CheckBulkResult,
  Decision,
  type ErrorDetail,
} from '../../services/common/gen/nexus/rebac/v1/check.ts'
import type { Consistency } from '../../services/common/gen/nexus/rebac/v1/relationship.ts'
import { isErrorReason } from '../../services/common/grpc/error-status.ts'
import type { Ask } from './ask.ts'
import type { Verdict } from './contract.ts'
import type { GroupScope } from './ask-group.ts'
import { toWireSubject } from './wire-subjects.ts'

/** What questions without a token ask for (NEXUS_CONSISTENCY). */
export type DefaultConsistency = 'fully_consistent' | 'minimize_latency'

/** Questions of one scope for the wire. */
export function toWireBulk(scope: GroupScope, asks: readonly Ask[], consistency: DefaultConsistency): CheckBulkRequest {
  return {
    tenant: scope.tenant,
    items: asks.map(({ question: { objectType, objectId, relation, subject } }) => ({
      object: { type: objectType, id: objectId },
      relation,
      subject: toWireSubject(subject),
    })),
    alsoAs: scope.alsoAs.map(toWireSubject),
    resolveInheritance: scope.resolveInheritance,
    context: Object.keys(scope.context).length === 0 ? undefined : scope.context,
    contextualRelationships: [],
    consistency: toWireConsistency(scope.token, consistency),
    schemaVersion: '',
    limits: undefined,
  }
}

/** A decision from the wire, or the error in its place. Only ALLOWED allows. */
export function fromWireResult(result: CheckBulkResult | undefined): Verdict | NexusError {
  const outcome = result?.outcome
  if (outcome?.$case === 'error') return fromWireError(outcome.value)
  if (outcome?.value === Decision.DECISION_ALLOWED) return result?.coversSubtree === true ? 'covering' : 'allowed'
  if (outcome?.value === Decision.DECISION_DENIED) return 'denied'
  return new NexusError('INTERNAL', 'The permission service gave no decision.')
}

/** An error inside an answer. */
export function fromWireError({ reason, message }: ErrorDetail): NexusError {
  return new NexusError(isErrorReason(reason) ? reason : 'INTERNAL', message)
}

/** What an answer must be based on. */
export function toWireConsistency(token: string | null, consistency: DefaultConsistency): Consistency {
  if (token !== null) return { requirement: { $case: 'atLeastAsFresh', value: token } }
  if (consistency === 'minimize_latency') return { requirement: { $case: 'minimizeLatency', value: true } }
  return { requirement: { $case: 'fullyConsistent', value: true } }
}
