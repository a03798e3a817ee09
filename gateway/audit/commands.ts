import { all, run, type Script } from '../../services/common/sql/script.ts'

/** One line of the audit trail. */
export interface AuditRow {
  readonly tenant: string
  readonly entryId: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** As `actorName` gives it. */
  readonly actor: string
  readonly keyId: string | null
  readonly requestId: string
  /** What was done or tried: write, mkdir, delete ... */
  readonly action: string
  readonly path: string | null
  readonly outcome: 'ok' | 'denied' | 'bypass' | 'failed'
  /** JSON text, or null. */
  readonly detail: string | null
}

const INSERT = `insert into audit (tenant, entry_id, at, actor, key_id, request_id, action, path, outcome, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

/** Adds a line within the transaction of the change that it tells of. */
export function insertAudit(row: AuditRow): Script<void> {
  const { tenant, entryId, at, actor, keyId, requestId, action, path, outcome, detail } = row
  return run(INSERT, tenant, entryId, at, actor, keyId, requestId, action, path, outcome, detail)
}

export const auditCommands = {
  *appendAudit(rows: readonly AuditRow[]): Script<void> {
    for (const row of rows) yield* insertAudit(row)
  },

  /** Deletes rows of a tenant from before a time, at most `limit` of them. Answers how many. */
  *trimAudit(request: { readonly tenant: string; readonly before: number; readonly limit: number }): Script<number> {
    const { tenant, before, limit } = request
    const gone = yield* all(
      `delete from audit where tenant = $1 and entry_id in
         (select entry_id from audit where tenant = $1 and at < $2 order by at limit $3) returning entry_id`,
      tenant,
      before,
      limit,
    )
    return gone.length
  },
}
