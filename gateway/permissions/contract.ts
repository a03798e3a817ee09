import type { JsonObject } from '../../services/common/json.ts'
import type { Revision } from './revision-notes.ts'

/** A subject as the gateway speaks of it. `tenant` is the subject's own; `relation` is '' unless it is a userset. */
export interface PermissionSubject {
  readonly tenant: string
  readonly type: string
  readonly id: string
  readonly relation: string
}

/** May any of `subjects` do this? Asked in the graph of the tenant that owns the object. */
export interface PermissionQuestion {
  readonly tenant: string
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subject: PermissionSubject
  readonly alsoAs: readonly PermissionSubject[]
  /** Fill in those whom the subject inherits from (an agent's owner, if the agent inherits). */
  readonly resolveInheritance: boolean
}

/** 'covering': allowed, and for everything below the object as well. 'allowed' says nothing about what is below. */
export type Verdict = 'denied' | 'allowed' | 'covering'

/** Tokens of revisions that somebody has seen, by the tenant of each. */
export type Freshness = ReadonlyMap<string, string>

/** What the answers of a request may depend on, and how long it waits for them. */
export interface PermissionScope {
  /** Parameters for conditions: time, ip, device. Part of the coalescing key. */
  readonly context: JsonObject
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** What the client has seen already (x-nexus-revision): a question is answered no older than its tenant's token. */
  readonly atLeastAsFresh: Freshness | null
}

export interface RelationshipRow {
  readonly id: string
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subject: PermissionSubject
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null
  readonly createdAt: number
  readonly attributes: JsonObject | null
  readonly conditionName: string
  readonly conditionContext: JsonObject | null
}

/** id, createdAt are made by the service. */
export type NewRelationshipRow = Omit<RelationshipRow, 'id' | 'createdAt'>

export interface RelationshipRowFilter {
  readonly ids?: readonly string[]
  readonly objectType?: string
  readonly objectId?: string
  readonly objectIdPrefix?: string
  readonly relations?: readonly string[]
  /** '' is the tenant itself. */
  readonly subjectTenant?: string
  readonly subjectType?: string
  readonly subjectId?: string
  readonly subjectIdPrefix?: string
  /** '' is plain objects and wildcards. */
  readonly subjectRelation?: string
}

export type RelationshipRowOperation =
  | { readonly kind: 'create' | 'touch'; readonly relationship: NewRelationshipRow }
  | { readonly kind: 'delete' | 'deleteIfExists'; readonly relationship: NewRelationshipRow }

/** On what does any of `subjects` have a relation? */
export interface ListObjectsQuestion extends Omit<PermissionQuestion, 'objectId'> {
  /** @default everything, whatever it costs */
  readonly bounds?: ListBounds
  /** Look also whether other tenants share something with the subject, which is of the tenant. @default false */
  readonly lookForIncoming?: boolean
}

export interface ListBounds {
  /** Only ids that begin with this. */
  readonly idPrefix: string
  /** So many objects at most. */
  readonly limit: number
  /** How many nodes of the graph may be looked at; more is NODE_BUDGET_EXCEEDED. */
  readonly nodeBudget: number
}

/** What a subject has a relation on, as far as relationships speak of it. */
export interface ObjectList {
  /** By id. `coversSubtree`: of a type whose ids are paths, everything below as well. */
  readonly objects: readonly { readonly id: string; readonly coversSubtree: boolean }[]
  /** There is nothing else but what lies below those that cover it; else what is not listed has to be checked. */
  readonly coversAll: boolean
  /** There are more than the limit. */
  readonly more: boolean
  /** It was looked for, and other tenants share nothing with the subject. False says nothing. */
  readonly noIncoming: boolean
}

/** Everything that the gateway asks of the permission service. It fails closed: no answer is an error, never "allowed". */
export interface Permissions extends AsyncDisposable {
  /**
   * The decisions, in the order of the questions. Questions of all requests in flight travel together, equal ones once.
   * While the service is away they wait for it until the deadline.
   * @throws NexusError UNAVAILABLE or DEADLINE_EXCEEDED if there was no answer; the service's own reason otherwise
   */
  check(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly boolean[]>
  /** What the subject has a relation on: complete up to the limit, or it fails. @throws NexusError as check */
  listObjects(question: ListObjectsQuestion, scope: PermissionScope): Promise<ObjectList>
  /** As check, with what is known of all below each object. */
  verdicts(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly Verdict[]>
  /** Atomic. @throws NexusError with the service's reason; retried while UNAVAILABLE only if it has an idempotency key */
  write(request: {
    readonly tenant: string
    readonly operations: readonly RelationshipRowOperation[]
    readonly idempotencyKey: string | null
    readonly deadline: number
  }): Promise<Revision & { readonly written: readonly RelationshipRow[]; readonly deletedCount: number }>
  /** Deletes what matches, in one revision. */
  deleteMatching(request: {
    readonly tenant: string
    readonly filter: RelationshipRowFilter
    readonly idempotencyKey: string | null
    readonly deadline: number
  }): Promise<Revision & { readonly deletedCount: number }>
  /** Gives an object of a hierarchical type, and all below it, another id wherever it occurs; deletes first what stands there. */
  move(request: {
    readonly tenant: string
    readonly objectType: string
    readonly fromId: string
    readonly toId: string
    readonly idempotencyKey: string
    readonly deadline: number
  }): Promise<Revision & { readonly movedCount: number; readonly deletedCount: number }>
  /** All that matches, whatever the number of pages. */
  read(request: {
    readonly tenant: string
    readonly filter: RelationshipRowFilter
    readonly deadline: number
  }): Promise<readonly RelationshipRow[]>
  /** The revision of everything that was acknowledged before. */
  head(tenant: string, deadline: number): Promise<Revision>
  /** Whether the service answers now (standard health check). */
  healthy(deadline: number): Promise<boolean>
  close(): Promise<void>
}
