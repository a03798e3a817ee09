import type { PermissionSubject, RelationshipRowFilter, RelationshipRowOperation } from '../permissions/contract.ts'

/** One change of permissions that belongs to a committed change of metadata. */
export type OutboxChange =
  /** The subject becomes direct owner of a new file or directory. */
  | { readonly kind: 'own'; readonly path: string; readonly subject: PermissionSubject }
  /** Nothing is known any more about a path and all below it; what was known is kept with the trash row. */
  | {
      readonly kind: 'forget'
      readonly path: string
      readonly trashId: string
      /** Only what is below: the directory itself stays. */
      readonly below?: boolean
    }
  /** What is known about a path and all below it is known about another one; what was known about that is forgotten. */
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | { readonly kind: 'write'; readonly operations: readonly RelationshipRowOperation[] }
  /** `graph`: the tenant in whose graph; by default the entry's own. */
  | { readonly kind: 'deleteMatching'; readonly filter: RelationshipRowFilter; readonly graph?: string }

/** A committed entry that may not have been applied yet. */
export interface OutboxEntry {
  readonly tenant: string
  /** 1, 2, 3 ... for each tenant, in the order of commits; entries are applied in this order. */
  readonly seq: number
  /** With the index of a change: the permission service's idempotency key. */
  readonly entryId: string
  readonly changes: readonly OutboxChange[]
  readonly createdAt: number
}

/** What a command answers that added an entry. */
export interface OutboxReceipt {
  readonly tenant: string
  readonly seq: number
  /** PostgreSQL: this process now holds the tenant's lease. */
  readonly leased: boolean
}
