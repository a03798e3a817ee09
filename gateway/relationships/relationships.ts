import type { AuditRow } from '../audit/commands.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { CallContext } from '../context.ts'
import type { Permissions, PermissionSubject, RelationshipRow, RelationshipRowFilter } from '../permissions/contract.ts'
import type { Insight } from '../permissions/insight.ts'
import { checkBatch, type CheckFacts } from './check-batch.ts'
import { type ConsentFacts, expandWithPrivacy, grantConsent, type PrivacyFacts, revokeConsent } from './consent.ts'
import { createRelationship } from './create-relationship.ts'
import { deleteRelationship } from './delete-relationship.ts'
import { expandPermission } from './expand.ts'
import { type Explanation, explainPermission } from './explain.ts'
import { listRelationships } from './list-relationships.ts'
import type { ObjectName } from './object-name.ts'
import type { NewRelationshipFacts } from './relationship-row.ts'
import type { Rights } from './rights.ts'

/** What callers may do to relationships and learn of them; each has a file beside this one. */
export interface Relationships {
  create(context: CallContext, facts: NewRelationshipFacts): Promise<string>
  check(context: CallContext, facts: CheckFacts): Promise<boolean>
  checkBatch(context: CallContext, checks: readonly CheckFacts[]): Promise<readonly boolean[]>
  delete(context: CallContext, id: string): Promise<boolean>
  list(context: CallContext, graph: string, filter: RelationshipRowFilter): Promise<readonly RelationshipRow[]>
  expand(context: CallContext, permission: string, object: ObjectName): Promise<readonly PermissionSubject[]>
  explain(context: CallContext, facts: CheckFacts, maxDepth: number): Promise<Explanation>
  expandWithPrivacy(context: CallContext, facts: PrivacyFacts): Promise<readonly PermissionSubject[]>
  grantConsent(context: CallContext, facts: ConsentFacts): Promise<string>
  revokeConsent(context: CallContext, facts: Pick<ConsentFacts, 'from' | 'to'>): Promise<boolean>
}

export interface RelationshipsOptions {
  readonly permissions: Permissions
  readonly insight: Insight
  readonly rights: Rights
  readonly auditor: Auditor
  /** Keeps the audit row of a change. */
  readonly audit: (row: AuditRow) => Promise<void>
}

export function createRelationships(options: RelationshipsOptions): Relationships {
  return {
    create: (context, facts) => createRelationship(options, context, facts),
    check: async (context, facts) => (await checkBatch(options, context, 'rebac_check', [facts]))[0] === true,
    checkBatch: (context, checks) => checkBatch(options, context, 'rebac_check_batch', checks),
    delete: (context, id) => deleteRelationship(options, context, id),
    list: (context, graph, filter) => listRelationships(options, context, graph, filter),
    expand: (context, permission, object) => expandPermission(options, context, permission, object),
    explain: (context, facts, maxDepth) => explainPermission(options, context, facts, maxDepth),
    expandWithPrivacy: (context, facts) => expandWithPrivacy(options, context, facts),
    grantConsent: (context, facts) => grantConsent(options, context, facts),
    revokeConsent: (context, facts) => revokeConsent(options, context, facts),
  }
}
