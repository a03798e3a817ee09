import { all, run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'

interface Times {
  readonly createdAt: number
  readonly updatedAt: number
}

/** When namespaces of a tenant were made and changed, by the type of their objects. */
export function* timesOf(tenant: string): Script<ReadonlyMap<string, Times>> {
  const rows = yield* all<{ object_type: string; created_at: number; updated_at: number }>(
    'select object_type, created_at, updated_at from namespace_times where tenant = $1',
    tenant,
  )
  return new Map(rows.map((row) => [row.object_type, { createdAt: row.created_at, updatedAt: row.updated_at }]))
}

/** The transactions of namespaces. */
export const namespaceCommands = {
  /** Notes that a namespace was written or deleted. */
  *noteNamespace(request: {
    readonly tenant: string
    readonly objectType: string
    readonly at: number
    readonly deleted: boolean
    readonly audit: AuditRow
  }): Script<void> {
    const { tenant, objectType, at, deleted, audit } = request
    if (deleted) {
      yield* run('delete from namespace_times where tenant = $1 and object_type = $2', tenant, objectType)
    } else {
      yield* run(
        `insert into namespace_times (tenant, object_type, created_at, updated_at) values ($1, $2, $3, $3)
         on conflict (tenant, object_type) do update set updated_at = excluded.updated_at`,
        tenant,
        objectType,
        at,
      )
    }
    yield* insertAudit(audit)
  },
}
