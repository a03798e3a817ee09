import type { JsonObject } from '../../services/common/json.ts'
import type { PermissionQuestion, PermissionScope, PermissionSubject, RelationshipRow } from './contract.ts'
import type { Revision } from './revision-notes.ts'

/** A relation of one object. */
export interface ObjectRelation {
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
}

/** What an object's relation hangs on, one step deep. */
export interface SubjectsNearby {
  /** Every subject that a relationship of the relation names. */
  readonly subjects: readonly PermissionSubject[]
  /** Relations of other objects that count as well. */
  readonly followed: readonly ObjectRelation[]
}

/** One step of an explanation. */
export interface ExplainedStep {
  readonly outcome: 'true' | 'false' | 'cycle' | 'error'
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subject: PermissionSubject
  /** direct, userset, computed, from, union, intersection, exclusion or relation. */
  readonly step: string
  readonly relationship: RelationshipRow | null
  /** It follows from the object's id. */
  readonly derived: boolean
  readonly expired: boolean
  readonly conditionFailed: boolean
  readonly message: string
  readonly children: readonly ExplainedStep[]
}

/** How a model is written. */
export type SchemaFormat = 'dsl' | 'json' | 'namespaces'

export interface SchemaText {
  readonly version: string
  readonly format: SchemaFormat
  readonly model: string
  readonly hierarchies: readonly { readonly type: string; readonly relation: string; readonly separator: string }[]
  /** Milliseconds since 1970; null for the built-in one. */
  readonly createdAt: number | null
}

/** What is asked of the permission service seldom, and call by call. Errors as in Permissions. */
export interface Insight {
  /** Subjects of one type that have the relation; wildcards too. Complete. */
  subjects(
    request: ObjectRelation & { readonly tenant: string; readonly subjectType: string },
    scope: PermissionScope,
  ): Promise<readonly PermissionSubject[]>
  /** Where to look for the types of the subjects that have a relation. */
  nearby(request: ObjectRelation & { readonly tenant: string }, scope: PermissionScope): Promise<SubjectsNearby>
  /** Why a question is answered as it is. `maxDepth` 0: without limit. */
  explain(question: PermissionQuestion, scope: PermissionScope, maxDepth: number): Promise<ExplainedStep>
  /** What other tenants share with a plain subject, with the tenant of each. Complete. */
  incomingShares(request: {
    readonly tenant: string
    readonly subject: { readonly type: string; readonly id: string }
    readonly deadline: number
  }): Promise<readonly { readonly tenant: string; readonly row: RelationshipRow }[]>
  readSchema(tenant: string, deadline: number): Promise<SchemaText>
  /** @throws NexusError SCHEMA_CHANGED if `expectedVersion` is not the newest any more, INVALID_SCHEMA */
  writeSchema(request: {
    readonly tenant: string
    readonly schema: Pick<SchemaText, 'format' | 'model' | 'hierarchies'>
    readonly expectedVersion: string
    readonly deadline: number
  }): Promise<Revision>
}

/** Parameters for conditions as the wire has them. */
export function contextOf({ context }: PermissionScope): JsonObject | undefined {
  return Object.keys(context).length === 0 ? undefined : context
}
