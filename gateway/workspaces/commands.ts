import { all, first, run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import { lockTenant } from '../outbox/scripts.ts'
import { findRegistered, REGISTRY_TABLES, type Registry, type WorkspaceRecord } from './workspace-record.ts'

interface Change {
  readonly registry: Registry
  readonly audit: AuditRow
}

/** What may be changed of a registration; what is undefined stays. */
export type WorkspaceChanges = Partial<Pick<WorkspaceRecord, 'name' | 'description' | 'metadata'>>

/** The transactions of registered directories. */
export const workspaceCommands = {
  /** Registers a workspace; one that is registered already stays as it is. */
  *putWorkspace(workspace: WorkspaceRecord): Script<void> {
    yield* insert('workspace', workspace)
  },

  /** Registers a directory; false if it is registered already. */
  *registerDirectory({ registry, record, audit }: Change & { readonly record: WorkspaceRecord }): Script<boolean> {
    yield* run(
      `delete from ${REGISTRY_TABLES[registry]} where tenant = $1 and path = $2 and expires_at <= $3`,
      record.tenant,
      record.path,
      record.createdAt,
    )
    if (!(yield* insert(registry, record))) return false
    yield* insertAudit(audit)
    return true
  },

  /** Forgets a registration; false if there is none. */
  *unregisterDirectory(change: Change & { readonly tenant: string; readonly path: string }): Script<boolean> {
    const { registry, tenant, path, audit } = change
    const table = REGISTRY_TABLES[registry]
    yield* lockTenant(tenant, audit.at)
    if ((yield* findRegistered(registry, tenant, path, audit.at)) === null) return false
    yield* run(`delete from ${table} where tenant = $1 and path = $2`, tenant, path)
    yield* insertAudit(audit)
    return true
  },

  /** Changes what is said of a registration, and answers it; null if there is none. */
  *updateDirectory(
    change: Change & { readonly tenant: string; readonly path: string; readonly changes: WorkspaceChanges },
  ): Script<WorkspaceRecord | null> {
    const { registry, tenant, path, changes, audit } = change
    yield* lockTenant(tenant, audit.at)
    const before = yield* findRegistered(registry, tenant, path, audit.at)
    if (before === null) return null
    const after = { ...before, ...changes }
    yield* run(
      `update ${REGISTRY_TABLES[registry]} set name = $3, description = $4, metadata = $5 where tenant = $1 and path = $2`,
      tenant,
      path,
      after.name,
      after.description,
      JSON.stringify(after.metadata),
    )
    yield* insertAudit(audit)
    return after
  },

  /** Deletes registrations that have expired. Answers how many. */
  *dropExpiredRegistrations({ now }: { readonly now: number }): Script<number> {
    let dropped = 0
    for (const table of Object.values(REGISTRY_TABLES))
      dropped += (yield* all(`delete from ${table} where expires_at <= $1 returning path`, now)).length
    return dropped
  },
}

function* insert(registry: Registry, record: WorkspaceRecord): Script<boolean> {
  const row = yield* first(
    `insert into ${REGISTRY_TABLES[registry]} (tenant, path, name, description, created_by, metadata, tags,
  session_id, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning path`,
    record.tenant,
    record.path,
    record.name,
    record.description,
    record.createdBy,
    JSON.stringify(record.metadata),
    JSON.stringify(record.tags),
    record.sessionId,
    record.createdAt,
    record.expiresAt,
  )
  return row !== undefined
}
