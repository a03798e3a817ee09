import { all, first, type Script } from '../../services/common/sql/script.ts'
import type { AuditRow } from './commands.ts'

/** Which rows a list has; what is null is not asked for. */
export interface AuditFilter {
  readonly tenant: string
  readonly actor: string | null
  readonly action: string | null
  readonly outcomes: readonly AuditRow['outcome'][] | null
  /** A path, and everything below it; or the name of another object, such as `agent:alice,helper`. */
  readonly object: string | null
  readonly requestId: string | null
  /** Milliseconds since 1970, from this one on. */
  readonly since: number | null
  /** Milliseconds since 1970, before this one. */
  readonly until: number | null
}

/** The row after which a page begins. */
export interface AuditPlace {
  readonly at: number
  readonly entryId: string
}

export interface AuditPage {
  readonly rows: readonly AuditRow[]
  /** null if nothing is left. A page may have few rows, or none, and others follow it. */
  readonly next: AuditPlace | null
}

/** How many rows one page looks at, so that a filter that selects little does not read the whole trail at once. */
const SCANNED = 20_000

interface Row {
  readonly tenant: string
  readonly entry_id: string
  readonly at: number
  readonly actor: string
  readonly key_id: string | null
  readonly request_id: string
  readonly action: string
  readonly path: string | null
  readonly outcome: AuditRow['outcome']
  readonly detail: string | null
}

const WINDOW = `from audit where tenant = $1 and at >= $2 and at <= $3 and (at < $3 or entry_id < $4)
  order by at desc, entry_id desc`

const MATCHING = `select * from (select * ${WINDOW} limit ${SCANNED}) as recent
where ($5 = '' or actor = $5) and ($6 = '' or action = $6) and ($7 = '' or $7 like '%' || outcome || ',%')
  and ($8 = '' or path = $8 or substr(path, 1, length($8) + 1) = $8 || '/') and ($9 = '' or request_id = $9)
order by at desc, entry_id desc limit $10`

/** One page of a tenant's audit trail, the newest first. */
export function* listAudit(filter: AuditFilter, after: AuditPlace | null, limit: number): Script<AuditPage> {
  const place = after ?? { at: filter.until === null ? Number.MAX_SAFE_INTEGER : filter.until - 1, entryId: '~' }
  const window = [filter.tenant, filter.since ?? 0, place.at, place.entryId] as const
  const rows = yield* all<Row>(
    MATCHING,
    ...window,
    filter.actor ?? '',
    filter.action ?? '',
    filter.outcomes === null ? '' : `${filter.outcomes.join(',')},`,
    filter.object ?? '',
    filter.requestId ?? '',
    limit + 1,
  )
  const last = rows[limit - 1]
  if (rows.length > limit && last !== undefined) {
    return { rows: rows.slice(0, limit).map(fromRow), next: { at: last.at, entryId: last.entry_id } }
  }
  const end = yield* first<Row>(`select * ${WINDOW} limit 1 offset ${SCANNED - 1}`, ...window)
  return { rows: rows.map(fromRow), next: end === undefined ? null : { at: end.at, entryId: end.entry_id } }
}

/** The first tenant after another one that has rows; null if none has. */
export function* nextAuditedTenant(after: string): Script<string | null> {
  const row = yield* first<{ tenant: string | null }>(
    'select min(tenant) as tenant from audit where tenant > $1',
    after,
  )
  return row?.tenant ?? null
}

function fromRow(row: Row): AuditRow {
  return {
    tenant: row.tenant,
    entryId: row.entry_id,
    at: row.at,
    actor: row.actor,
    keyId: row.key_id,
    requestId: row.request_id,
    action: row.action,
    path: row.path,
    outcome: row.outcome,
    detail: row.detail,
  }
}
