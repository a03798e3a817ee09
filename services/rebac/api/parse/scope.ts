import type { Limits } from '../../../common/gen/nexus/rebac/v1/check.ts'
import type {
  Consistency,
  Relationship as WireRelationship,
  Subject as WireSubject,
} from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import type { JsonObject } from '../../../common/json.ts'
import { MAX_CONTEXT_BYTES, MAX_CONTEXTUAL_RELATIONSHIPS } from '../../model/limits.ts'
import type { Relationship, Subject } from '../../model/relationship.ts'
import type { QuestionScope } from '../check/question.ts'
import { DEFAULT_NODE_BUDGET, MAX_ALSO_AS } from '../limits.ts'
import type { TokenCodec } from '../tokens.ts'
import { parseConsistency } from './consistency.ts'
import { requireAtMost, requireCount, within } from './fields.ts'
import { parseStruct } from './json.ts'
import { parseRelationship } from './relationship.ts'
import { parseSubject } from './subject.ts'
import { parseTenant } from './tenant.ts'

/** What all evaluating requests carry. */
interface WireScope {
  readonly tenant: string
  readonly context: { readonly [key: string]: unknown } | undefined
  readonly contextualRelationships: readonly WireRelationship[]
  readonly consistency: Consistency | undefined
  readonly schemaVersion: string
  readonly limits: Limits | undefined
}

/** Shared, so that questions without a context are seen to have the same one. */
const NO_CONTEXT: JsonObject = Object.freeze({})
const NO_RELATIONSHIPS: readonly Relationship[] = []
const NO_SUBJECTS: readonly Subject[] = []

/** @throws NexusError INVALID_TENANT, INVALID_TOKEN, INVALID_CONTEXT, TOO_MANY_OPERATIONS and those of relationships */
export function parseScope(request: WireScope, tokens: TokenCodec, defaultBudget = DEFAULT_NODE_BUDGET): QuestionScope {
  const tenant = parseTenant(request.tenant)
  const { limits, contextualRelationships } = request
  return {
    tenant,
    freshness: parseConsistency(request.consistency, tenant, tokens),
    schemaVersion: request.schemaVersion,
    context: parseStruct(request.context, MAX_CONTEXT_BYTES, 'context', 'INVALID_CONTEXT') ?? NO_CONTEXT,
    contextual:
      contextualRelationships.length === 0 ? NO_RELATIONSHIPS : parseContextual(contextualRelationships, tenant),
    maxDepth: requireCount(limits?.maxDepth ?? 0, 'limits.max_depth'),
    nodeBudget: requireCount(limits?.nodeBudget || defaultBudget, 'limits.node_budget'),
  }
}

/** @throws NexusError INVALID_SUBJECT, INVALID_TENANT, TOO_MANY_OPERATIONS */
export function parseAlsoAs(subjects: readonly WireSubject[], tenant: string): readonly Subject[] {
  if (subjects.length === 0) return NO_SUBJECTS
  requireAtMost(subjects, MAX_ALSO_AS, 'also_as')
  return subjects.map((subject, index) => within(`also_as[${index}]`, () => parseSubject(subject, tenant)))
}

function parseContextual(relationships: readonly WireRelationship[], tenant: string): Relationship[] {
  requireAtMost(relationships, MAX_CONTEXTUAL_RELATIONSHIPS, 'contextual_relationships')
  return relationships.map((relationship, index) => {
    const parsed = within(`contextual_relationships[${index}]`, () => parseRelationship(relationship, tenant))
    return { ...parsed, id: '', createdAt: 0 }
  })
}
