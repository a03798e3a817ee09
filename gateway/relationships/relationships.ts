import type { AuditRow } from '../audit/commands.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { CallContext } from '../context.ts'
import type { Permissions, RelationshipRow, RelationshipRowFilter } from '../permissions/contract.ts'
import { type CheckFacts, checkRelationship } from './check-relationship.ts'
import { createRelationship } from './create-relationship.ts'
import { deleteRelationship } from './delete-relationship.ts'
import { listRelationships } from './list-relationships.ts'
import type { NewRelationshipFacts } from './relationship-row.ts'
import type { Rights } from './rights.ts'

/** What callers may do to relationships and learn of them; each file beside this one is one of the four. */
export interface Relationships {
  create(context: CallContext, facts: NewRelationshipFacts): Promise<string>
  check(context: CallContext, facts: CheckFacts): Promise<boolean>
  delete(context: CallContext, id: string): Promise<boolean>
  list(context: CallContext, graph: string, filter: RelationshipRowFilter): Promise<readonly RelationshipRow[]>
}

export interface RelationshipsOptions {
  readonly permissions: Permissions
  readonly rights: Rights
  readonly auditor: Auditor
  /** Keeps the audit row of a change. */
  readonly audit: (row: AuditRow) => Promise<void>
}

export function createRelationships(options: RelationshipsOptions): Relationships {
  return {
    create: (context, facts) => createRelationship(options, context, facts),
    check: (context, facts) => checkRelationship(options, context, facts),
    delete: (context, id) => deleteRelationship(options, context, id),
    list: (context, graph, filter) => listRelationships(options, context, graph, filter),
  }
}
