import { NexusError } from '../../../common/errors/nexus-error.ts'
import { all, type Script } from '../../../common/sql/script.ts'
import type { LogEntry } from '../contract.ts'
import { decodeChanges } from '../images.ts'

interface LogRow extends Omit<LogEntry, 'changes' | 'revision'> {
  readonly trimmedRevision: number
  /** Null: there are no entries, and the row is there for the tenant's sake. */
  readonly revision: number | null
  readonly changes: string
}

/** One statement, so that entries cannot be trimmed between reading them and asking whether some are gone. */
const READ_LOG = `select t.trimmed_revision as "trimmedRevision", l.revision, l.kind, l.changes,
    l.schema_version as "schemaVersion", l.committed_at as "committedAt"
  from tenants t
  left join (select * from log where tenant = $1 and revision > $2 order by revision limit $3) l on true
  where t.tenant = $1 order by l.revision`

/** RelationshipStore.readLog. */
export function* readLog(tenant: string, after: number, limit: number): Script<readonly LogEntry[]> {
  const rows = yield* all<LogRow>(READ_LOG, tenant, after, limit)
  const trimmed = rows[0]?.trimmedRevision ?? 0
  if (after < trimmed) {
    throw new NexusError(
      'REVISION_TRIMMED',
      `Changes after revision ${after} are not kept any more; the oldest revision to start from is ${trimmed}.`,
      { data: { oldest: trimmed } },
    )
  }
  const entries: LogEntry[] = []
  for (const { revision, kind, changes, schemaVersion, committedAt } of rows) {
    if (revision === null) continue
    entries.push({ revision, kind, changes: decodeChanges(changes), schemaVersion, committedAt })
  }
  return entries
}
