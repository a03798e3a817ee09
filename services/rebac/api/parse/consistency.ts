import type { Consistency } from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import { type Freshness, FULLY_CONSISTENT, MINIMIZE_LATENCY } from '../../tenants/freshness.ts'
import type { TokenCodec } from '../tokens.ts'

/**
 * How fresh an answer must be. Unset, and a requirement that is set to false, mean fully consistent.
 * @throws NexusError INVALID_TOKEN, TOKEN_EPOCH
 */
export function parseConsistency(consistency: Consistency | undefined, tenant: string, tokens: TokenCodec): Freshness {
  const requirement = consistency?.requirement
  switch (requirement?.$case) {
    case 'minimizeLatency':
      return requirement.value ? MINIMIZE_LATENCY : FULLY_CONSISTENT
    case 'atLeastAsFresh':
      return { kind: 'atLeast', revision: tokens.revisionOf(requirement.value, tenant) }
    case 'atExactSnapshot':
      return { kind: 'exactly', revision: tokens.revisionOf(requirement.value, tenant) }
    default:
      return FULLY_CONSISTENT
  }
}
