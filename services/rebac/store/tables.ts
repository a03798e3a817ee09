import type { Dialect } from '../../common/sql/dialect.ts'
import type { Script } from '../../common/sql/script.ts'
import type { Relationship, RelationshipKey } from '../model/relationship.ts'
import type { LogEntry } from './contract.ts'

/**
 * The statements that differ between the engines. PostgreSQL pays for each round trip and gets whole requests as one
 * JSON value; SQLite runs in the process, where a prepared statement for each row is the fastest there is.
 */
export interface Tables {
  readonly dialect: Dialect
  /** The tenant's row, made if it is missing; nobody else can write to this tenant until the transaction ends. */
  lockTenant(tenant: string, now: number): Script<TenantRow>
  /** What is stored under these keys, expired or not, in any order. */
  findByKeys(tenant: string, keys: readonly RelationshipKey[]): Script<readonly Relationship[]>
  /** lockTenant, and then findByKeys. */
  lockAndFind(tenant: string, now: number, keys: readonly RelationshipKey[]): Script<LockedRows>
  /** Applies rows, appends log entries in the order of their revisions and advances the tenant's revision to the last. */
  apply(tenant: string, rows: RowChanges, entries: readonly EncodedEntry[]): Script<void>
}

export interface TenantRow {
  readonly revision: number
  /** Empty: the built-in schema. */
  readonly schemaVersion: string
}

export interface LockedRows {
  readonly head: TenantRow
  readonly stored: readonly Relationship[]
}

/** What happens to the table of relationships; no row occurs twice. */
export interface RowChanges {
  readonly inserted: readonly Relationship[]
  /** Same key; id, condition, expiry, attributes and time of creation are set anew. */
  readonly replaced: readonly { readonly id: string; readonly by: Relationship }[]
  readonly deletedIds: readonly string[]
}

/** The log alone: the rows are changed already. */
export const NO_ROW_CHANGES: RowChanges = { inserted: [], replaced: [], deletedIds: [] }

/** A log entry as it is stored: `changes` is the text that encodeChanges makes. */
export type EncodedEntry = Omit<LogEntry, 'changes'> & { readonly changes: string }

/** An entry without a schema. */
export function logEntry(revision: number, kind: LogEntry['kind'], changes: string, committedAt: number): EncodedEntry {
  return { revision, kind, changes, schemaVersion: '', committedAt }
}
