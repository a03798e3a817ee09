import type { Script } from '../../common/sql/script.ts'
import type { FetchedPart, Part } from '../model/part.ts'
import type { Relationship, RelationshipChange, RelationshipKey } from '../model/relationship.ts'
import type { SchemaSource } from '../schema/schema.ts'

/**
 * The durable log of relationships. One contract, two engines; test/conformance/relationship-store.ts is its definition.
 *
 * Revisions of a tenant are 1, 2, 3 ... without gaps, in commit order; 0 is a tenant that was never written.
 * Relationships that have expired at `now` are absent for every method.
 * Every method may fail with UNAVAILABLE, BUSY, STORAGE_FULL or INTERNAL (see Database); further errors are named there.
 */
export interface RelationshipStore extends AsyncDisposable {
  /** 'exclusive': no other process can write, so what this one committed is all there is. 'shared': others may. */
  readonly sharing: 'exclusive' | 'shared'
  readonly identity: StoreIdentity

  /** The revisions of tenants, as of now; unknown ones are 0. One query, however many tenants. */
  heads(tenants: readonly string[]): Promise<ReadonlyMap<string, number>>
  /**
   * Everything that a resident tenant needs, in one snapshot. Relationships are handed out while they are read, so that
   * they are never all there at once.
   * @param begin called when reading begins, and again if it has to begin anew: gives what takes each page
   * @param now milliseconds since 1970, deciding what has expired; the clock's if it is not given
   */
  loadTenant(tenant: string, begin: () => TakePage, now?: number): Promise<LoadedTenant>
  /** Whether a tenant has more relationships than this, expired ones included. Looks at no more ids than that. */
  exceeds(tenant: string, count: number): Promise<boolean>
  /**
   * Runs work over one snapshot of a tenant: whatever it reads is of one revision, everything that was acknowledged
   * before the call included. The work only computes; after a lost connection it is run again from its start.
   * @param deadline milliseconds since 1970; UNAVAILABLE after it
   * @throws NexusError what the work throws
   */
  readSnapshot<T>(tenant: string, work: (snapshot: TenantSnapshot) => Reading<T>, deadline: number): Promise<T>
  /**
   * Entries after a revision, in order, at most `limit`, and no more than take some megabytes; one at least, if there is
   * one, however large it is.
   * @throws NexusError REVISION_TRIMMED if entries after it are gone
   */
  readLog(tenant: string, after: number, limit: number): Promise<LogPage>

  /**
   * Applies all operations, or none. A write that changes nothing makes no revision. A touch keeps id and time of
   * creation. Where an expired relationship has the same key, a new one takes its place, with `before` null.
   * @throws NexusError RELATIONSHIP_EXISTS, RELATIONSHIP_NOT_FOUND, PRECONDITION_FAILED, IDEMPOTENCY_KEY_REUSED,
   *   DUPLICATE_KEY_IN_REQUEST, SCHEMA_CHANGED if the tenant's newest schema is not `schemaVersion` any more
   */
  write(request: WriteRequest): Promise<WriteResult>
  /** Deletes what matches, in one revision. @throws as write; NexusError TOO_MANY_CHANGES */
  deleteMatching(request: DeleteRequest): Promise<WriteResult>
  /**
   * Gives an object of a hierarchical type, and all below it, other ids wherever they occur: as object, subject or
   * userset of the tenant itself. Keeps id, time of creation and expiry. What stands at the target is deleted first, what
   * has expired there along with it; what has expired at the origin stays there. One revision of kind 'move', or none.
   * The two subtrees must not contain each other.
   * @throws NexusError SCHEMA_CHANGED, IDEMPOTENCY_KEY_REUSED, TOO_MANY_CHANGES, INVALID_OBJECT if a new id is too long
   */
  move(request: MoveRequest): Promise<MoveResult>
  /**
   * What was answered to a write, deletion or move under this key; null if the key is unused.
   * @throws NexusError IDEMPOTENCY_KEY_REUSED if it belongs to a request with another hash
   */
  recall(tenant: string, idempotency: NonNullable<Change['idempotency']>): Promise<MoveResult | null>
  /** One page, ordered by id, with the revision it was read at. */
  readRelationships(request: ReadRequest): Promise<ReadResult>

  /** What other tenants' relationships name this subject, ordered by tenant and id. */
  readShares(request: SharesRequest): Promise<readonly Share[]>

  /** The named schema, or the newest; null if there is none. */
  readSchema(tenant: string, version: string): Promise<StoredSchema | null>
  /** The version of the schema that was the newest at a revision; '' is the built-in one. */
  schemaVersionAt(tenant: string, revision: number): Promise<string>
  /**
   * Makes a schema the newest, creating the tenant if it is unknown. The same version and source once more: no
   * revision if it is the newest, else it becomes the newest again.
   * @throws NexusError SCHEMA_CHANGED if the newest version is not `expectedVersion`, where that is not null; CONFLICT
   *   if, where `checked` is not null, a relationship was written after its revision that has none of its shapes, or so
   *   many that looking through them would hold up others
   */
  writeSchema(request: WriteSchemaRequest): Promise<{ readonly revision: number }>

  /** Deletes log entries and idempotency keys that are older than their retention, in small steps. */
  trim(request: { readonly logBefore: number; readonly keysBefore: number }): Promise<void>
  /**
   * Deletes relationships that have expired at `now` (milliseconds since 1970), in small steps, each of which is a
   * revision of kind 'expiry'. Returns the steps, in order.
   */
  collectExpired(now: number): Promise<readonly CollectedTenant[]>
  close(): Promise<void>
}

/** A computation that reads on its way: it is driven by the store. */
export type Reading<T> = Script<T>

/** One state of a tenant, piece by piece. */
export interface TenantSnapshot {
  readonly tenant: string
  readonly revision: number
  /** The version of the newest schema; '' is the built-in one. */
  readonly schemaVersion: string
  /**
   * Parts of the relationships, in any order, without those that have expired at `now`. Together they are as few
   * queries as the engine allows.
   * @throws NexusError NODE_BUDGET_EXCEEDED if they are more relationships than `maxRelationships`
   */
  parts(
    parts: readonly Part[],
    limits: { readonly now: number; readonly maxRelationships: number },
  ): Reading<readonly FetchedPart[]>
  /** As the methods of the store. */
  schema(version: string): Reading<StoredSchema | null>
  schemaVersionAt(revision: number): Reading<string>
  log(after: number, limit: number): Reading<LogPage>
  relationships(request: Omit<ReadRequest, 'tenant'>): Reading<ReadResult>
  /** Lets other work of the process run. */
  pause(): Reading<void>
}

export interface StoreIdentity {
  /** Changes when the database is restored or migrated. */
  readonly epoch: string
  /** Signs tokens and cursors; the same on every replica. */
  readonly tokenKey: Uint8Array
}

/** One step of collecting what has expired. */
export interface CollectedTenant {
  readonly tenant: string
  readonly revision: number
  readonly changes: readonly RelationshipChange[]
}

export type TakePage = (page: readonly Relationship[]) => void

export interface LoadedTenant {
  readonly revision: number
  readonly schema: StoredSchema | null
}

export interface StoredSchema {
  readonly version: string
  readonly source: SchemaSource
  readonly revision: number
  readonly createdAt: number
}

export interface LogEntry {
  readonly revision: number
  readonly kind: 'write' | 'schema' | 'move' | 'expiry'
  readonly changes: readonly RelationshipChange[]
  /** Empty unless a schema was written. */
  readonly schemaVersion: string
  readonly committedAt: number
}

export interface LogPage {
  readonly entries: readonly LogEntry[]
  /** False: these are all that there were. */
  readonly mayHaveMore: boolean
}

/** A new relationship as a caller gives it; the store makes id and time. */
export type NewRelationship = Omit<Relationship, 'id' | 'createdAt'>

export type Operation =
  | { readonly kind: 'create' | 'touch'; readonly relationship: NewRelationship }
  | { readonly kind: 'delete' | 'deleteIfExists'; readonly key: RelationshipKey }

/** Every field that is set must match; an empty filter matches all. */
export interface Filter {
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

export interface Precondition {
  readonly kind: 'mustMatch' | 'mustNotMatch'
  readonly filter: Filter
}

interface Change {
  readonly tenant: string
  readonly preconditions: readonly Precondition[]
  /** null: none. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null
  /** Milliseconds since 1970; decides what has expired and is the time of creation. */
  readonly now: number
  /** Milliseconds since 1970; UNAVAILABLE after it. */
  readonly deadline: number
}

interface Bounded {
  /** Relationships, found before anything is done, beyond which the request is refused. */
  readonly maxChanges: number
}

export interface WriteRequest extends Change {
  readonly operations: readonly Operation[]
  /** The version that the operations were validated against; '' is the built-in schema. */
  readonly schemaVersion: string
}

export interface DeleteRequest extends Change, Bounded {
  readonly filter: Filter
}

export interface MoveRequest extends Omit<Change, 'preconditions'>, Bounded {
  readonly objectType: string
  /** One character, such as /. */
  readonly separator: string
  readonly fromId: string
  readonly toId: string
  /** The version that says that the type is hierarchical; '' is the built-in schema. */
  readonly schemaVersion: string
}

export interface MoveResult extends WriteResult {
  readonly movedCount: number
}

export interface WriteResult {
  /** The tenant's revision after the write; unchanged if nothing changed. */
  readonly revision: number
  /** What this write changed; empty if it changed nothing or was answered from its idempotency key. */
  readonly changes: readonly RelationshipChange[]
  /** The relationships of create and touch operations as they are stored, in their order. */
  readonly written: readonly Relationship[]
  readonly deletedCount: number
}

export interface ReadRequest {
  readonly tenant: string
  readonly filter: Filter
  /** Only ids greater than this; '' from the start. */
  readonly afterId: string
  readonly limit: number
  readonly now: number
}

export interface SharesRequest {
  /** A plain object of this tenant. */
  readonly subject: { readonly tenant: string; readonly type: string; readonly id: string }
  /** Only what comes after this; null from the start. */
  readonly after: { readonly tenant: string; readonly id: string } | null
  readonly limit: number
  readonly now: number
}

export interface Share {
  /** The tenant of the object, in which the relationship is stored. */
  readonly tenant: string
  readonly relationship: Relationship
}

export interface ReadResult {
  readonly relationships: readonly Relationship[]
  readonly revision: number
}

export interface WriteSchemaRequest {
  readonly tenant: string
  readonly version: string
  readonly source: SchemaSource
  readonly expectedVersion: string | null
  /**
   * Up to which revision all that is stored was found to fit the schema, and what fits it for sure by its shape (as
   * `relationshipShape` has it): what was written since is tested by that in the same transaction. null: it need not fit.
   */
  readonly checked: { readonly revision: number; readonly shapes: readonly string[] } | null
  readonly now: number
  readonly deadline: number
}
