import { all, first, run, type Script, type Statement } from '../../services/common/sql/script.ts'
import type { RelationshipRowOperation } from '../permissions/contract.ts'
import type { OutboxChange, OutboxEntry, OutboxReceipt } from './entry.ts'

/** A process that applies entries renews its lease well within this time, in milliseconds. */
export const LEASE_MS = 1_000
/** How many entries are read at once. */
const BATCH = 200

export interface NewOutboxEntry {
  readonly tenant: string
  readonly entryId: string
  /** Paths that are closed to other requests until it was applied. */
  readonly paths: readonly string[]
  readonly changes: readonly OutboxChange[]
  readonly now: number
  /** The process that would apply it; null on SQLite, where there is only one. */
  readonly leaseOwner: string | null
}

/**
 * Takes the tenant's row lock, so that the rest of a transaction sees and makes one history of the tenant.
 * SQLite has one writer: there the row only has to exist.
 */
export function lockTenant(tenant: string, now: number): Script<void> {
  return run(
    {
      sqlite: 'insert into tenants (tenant, created_at) values ($1, $2) on conflict (tenant) do nothing',
      postgres: `insert into tenants (tenant, created_at) values ($1, $2)
on conflict (tenant) do update set created_at = tenants.created_at`,
    },
    tenant,
    now,
  )
}

/** Adds an entry within the transaction of the change that it belongs to. The tenant must be locked. */
export function* appendOutbox(entry: NewOutboxEntry): Script<OutboxReceipt> {
  const { tenant, entryId, paths, changes, now, leaseOwner } = entry
  const row = yield* first<{ next_outbox_seq: number }>(
    `update tenants set next_outbox_seq = next_outbox_seq + 1,
  last_move_seq = case when $2 = 1 then next_outbox_seq else last_move_seq end
where tenant = $1 returning next_outbox_seq`,
    tenant,
    changes.some(({ kind }) => kind === 'move') ? 1 : 0,
  )
  const seq = (row?.next_outbox_seq ?? 0) - 1
  yield* run(
    'insert into outbox (tenant, seq, entry_id, paths, body, created_at) values ($1, $2, $3, $4, $5, $6)',
    tenant,
    seq,
    entryId,
    JSON.stringify(paths),
    JSON.stringify(changes),
    now,
  )
  const leased = leaseOwner !== null && (yield* takeLease(tenant, leaseOwner))
  return { tenant, seq, leased }
}

/** PostgreSQL's clock, in milliseconds since 1970. */
export const CLOCK = '(extract(epoch from clock_timestamp()) * 1000)::bigint'
const TAKE_LEASE: Statement['text'] = {
  sqlite: 'select $1 as owner where $2 is not null',
  // The server's clock decides, so that gateways need not agree on the time.
  postgres: `insert into outbox_leases (tenant, owner, expires_at) values ($1, $2, ${CLOCK} + ${LEASE_MS})
on conflict (tenant) do update set owner = excluded.owner, expires_at = excluded.expires_at
where outbox_leases.owner = excluded.owner or outbox_leases.expires_at <= ${CLOCK}
returning owner`,
}

/** Takes or renews the lease; false if another process holds it. */
export function* takeLease(tenant: string, owner: string): Script<boolean> {
  return (yield* first(TAKE_LEASE, tenant, owner)) !== undefined
}

/** Deletes entries that were applied. */
export function deleteApplied(tenant: string, through: number): Script<void> {
  return run('delete from outbox where tenant = $1 and seq <= $2', tenant, through)
}

/** The next entries after `after`, in order. */
export function* nextEntries(tenant: string, after: number): Script<readonly OutboxEntry[]> {
  const rows = yield* all<{ seq: number; entry_id: string; body: string; created_at: number }>(
    `select seq, entry_id, body, created_at from outbox where tenant = $1 and seq > $2 order by seq limit ${BATCH}`,
    tenant,
    after,
  )
  return rows.map((row) => ({
    tenant,
    seq: row.seq,
    entryId: row.entry_id,
    changes: JSON.parse(row.body) as readonly OutboxChange[],
    createdAt: row.created_at,
  }))
}

/** The operations that were planned for an entry; null if none were. */
export function* keptPlan(tenant: string, seq: number): Script<readonly RelationshipRowOperation[] | null> {
  const row = yield* first<{ plan: string | null }>(
    'select plan from outbox where tenant = $1 and seq = $2',
    tenant,
    seq,
  )
  return row === undefined || row.plan === null ? null : (JSON.parse(row.plan) as RelationshipRowOperation[])
}

/** How far a tenant is, as a process sees it that does not apply its entries. */
export interface Progress {
  /** The highest seq such that it and all below it were applied. */
  readonly applied: number
  /** There are entries that were not applied. */
  readonly more: boolean
  /** The lease can be taken, or renewed, by the process that asks. */
  readonly free: boolean
}

const PROGRESS: Statement['text'] = {
  sqlite: `select coalesce((select min(seq) from outbox where tenant = $1), t.next_outbox_seq) - 1 as applied,
  t.next_outbox_seq - 1 as last, $2 as owner, 1 as free
from tenants t where t.tenant = $1`,
  postgres: `select coalesce((select min(seq) from outbox where tenant = $1), t.next_outbox_seq) - 1 as applied,
  t.next_outbox_seq - 1 as last,
  case when exists (select 1 from outbox_leases l
    where l.tenant = $1 and l.owner <> $2 and l.expires_at > ${CLOCK}) then 0 else 1 end as free
from tenants t where t.tenant = $1`,
}

export function* progress(tenant: string, owner: string): Script<Progress> {
  const row = yield* first<{ applied: number; last: number; free: number }>(PROGRESS, tenant, owner)
  if (row === undefined) return { applied: 0, more: false, free: true }
  return { applied: row.applied, more: row.applied < row.last, free: row.free === 1 }
}

/** Tenants with entries from before a time. */
export function* tenantsWithEntries(before: number): Script<readonly string[]> {
  const rows = yield* all<{ tenant: string }>('select distinct tenant from outbox where created_at <= $1', before)
  return rows.map(({ tenant }) => tenant)
}

/** An SQL expression: the last entry that closes a path, if it is later than one that is known to be applied. */
export function pendingExpression(
  tenant: string,
  pathKey: string,
  applied: string,
): Record<'sqlite' | 'postgres', string> {
  const select = (paths: string) => `(select max(o.seq) from outbox o, ${paths}
  where o.tenant = ${tenant} and o.seq > ${applied} and (p.value = ${pathKey}
    or substr(p.value, 1, length(${pathKey}) + 1) = ${pathKey} || '/'
    or substr(${pathKey}, 1, length(p.value) + 1) = p.value || '/'))`
  return {
    sqlite: select('json_each(o.paths) p'),
    postgres: select('jsonb_array_elements_text(o.paths::jsonb) as p(value)'),
  }
}

const PENDING = pendingExpression('$1', '$2', '$3')

/** The last entry that closes a path to others, or null. */
export function* pendingSeq(tenant: string, path: string, applied: number): Script<number | null> {
  const row = yield* first<{ pending: number | null }>(
    {
      sqlite: `select ${PENDING.sqlite} as pending`,
      postgres: `select ${PENDING.postgres.replaceAll('$2', '$2::text')} as pending`,
    },
    tenant,
    path === '/' ? '' : path,
    applied,
  )
  return row?.pending ?? null
}
