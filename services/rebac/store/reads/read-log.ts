import { NexusError } from '../../../common/errors/nexus-error.ts'
import { all, type Script } from '../../../common/sql/script.ts'
import type { LogEntry, LogPage } from '../contract.ts'
import { decodeChanges } from '../images.ts'

interface LogRow extends Omit<LogEntry, 'changes' | 'revision'> {
  readonly trimmedRevision: number
  /** Null: there are no entries, and the row is there for the tenant's sake. */
  readonly revision: number | null
  readonly changes: string
  /** Of the text of the changes, in bytes. */
  readonly size: number
}

/** The texts of the changes of one page, in bytes: the entry that reaches this is its last one. */
const PAGE_BYTES = 4 * 1024 * 1024

/**
 * One statement, so that entries cannot be trimmed between reading them and asking whether some are gone. It finds the
 * last revision of the page first: both engines know the size of a text without reading it.
 */
const READ_LOG = `select t.trimmed_revision as "trimmedRevision", l.revision, l.kind, l.changes,
    l.schema_version as "schemaVersion", l.committed_at as "committedAt", octet_length(l.changes) as size
  from tenants t
  left join log l on l.tenant = $1 and l.revision > $2 and l.revision <= (
    select max(revision) from (
      select revision, size, sum(size) over (order by revision rows unbounded preceding) as size_so_far from (
        select revision, octet_length(changes) as size from log where tenant = $1 and revision > $2
          order by revision limit $3
      ) page
    ) summed where size_so_far - size < $4
  )
  where t.tenant = $1 order by l.revision`

/** RelationshipStore.readLog. */
export function* readLog(tenant: string, after: number, limit: number): Script<LogPage> {
  const rows = yield* all<LogRow>(READ_LOG, tenant, after, limit, PAGE_BYTES)
  const trimmed = rows[0]?.trimmedRevision ?? 0
  if (after < trimmed) {
    throw new NexusError(
      'REVISION_TRIMMED',
      `Changes after revision ${after} are not kept any more; the oldest revision to start from is ${trimmed}.`,
      { data: { oldest: trimmed } },
    )
  }
  const entries: LogEntry[] = []
  let bytes = 0
  for (const { revision, kind, changes, schemaVersion, committedAt, size } of rows) {
    if (revision === null) continue
    bytes += size
    entries.push({ revision, kind, changes: decodeChanges(changes), schemaVersion, committedAt })
  }
  return { entries, mayHaveMore: entries.length === limit || bytes >= PAGE_BYTES }
}
