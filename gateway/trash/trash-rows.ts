import { all, first, type Script } from '../../services/common/sql/script.ts'
import type { RelationshipRow } from '../permissions/contract.ts'

/** Something in the trash: a file, or a directory with all that was in it. */
export interface TrashRow {
  /** The tree that it was in. */
  readonly tenant: string
  readonly trash_id: string
  readonly node_id: string
  /** Where it stood. */
  readonly path: string
  readonly deleted_at: number
  readonly deleted_by: string
  readonly kind: 'file' | 'directory'
  /** Of a file. */
  readonly size: number
  readonly content_hash: string | null
  readonly version: number
}

const COLUMNS =
  't.tenant, t.trash_id, t.node_id, t.path, t.deleted_at, t.deleted_by, n.kind, n.size, n.content_hash, n.version'
const FROM = 'from trash t join nodes n on n.tenant = t.tenant and n.node_id = t.node_id'

/** null: there is none, or it is being deleted for good. */
export function* trashed(trashId: string): Script<TrashRow | null> {
  const row = yield* first<TrashRow>(`select ${COLUMNS} ${FROM} where t.trash_id = $1 and t.purging = 0`, trashId)
  return row ?? null
}

/** What was known of it when it was deleted; null if nothing was kept (yet). */
export function* keptRelationships(tree: string, trashId: string): Script<readonly RelationshipRow[] | null> {
  const row = yield* first<{ relationships: string | null }>(
    'select relationships from trash where tenant = $1 and trash_id = $2',
    tree,
    trashId,
  )
  const text = row?.relationships ?? null
  return text === null ? null : (JSON.parse(text) as readonly RelationshipRow[])
}

/** Where a page of the trash begins: after this one. */
export interface TrashPlace {
  readonly deletedAt: number
  readonly trashId: string
}

const WITHIN = "(t.path = $4 or substr(t.path, 1, length($4) + 1) = $4 || '/' or $4 = '')"

/** What was deleted at a path ('' for all of a tree) and below it, the latest first. */
export function trashPage(
  tree: string,
  path: string,
  after: TrashPlace | null,
  limit: number,
): Script<readonly TrashRow[]> {
  const text = (within: string) => `select ${COLUMNS} ${FROM}
where t.tenant = $1 and t.purging = 0 and (t.deleted_at, t.trash_id) < ($2, $3) and ${within}
order by t.deleted_at desc, t.trash_id desc limit $5`
  return all<TrashRow>(
    { sqlite: text(WITHIN), postgres: text(WITHIN.replaceAll('$4', '$4::text')) },
    tree,
    after?.deletedAt ?? Number.MAX_SAFE_INTEGER,
    after?.trashId ?? '',
    path,
    limit,
  )
}

/** While the permission service is away, the relationships of what was deleted are still to be forgotten. */
const FORGOTTEN = 'not exists (select 1 from outbox o where o.tenant = t.tenant and o.created_at <= t.deleted_at)'

/** Some of what is to be deleted for good: what was deleted before a time, and what somebody began with. */
export function* purgeable(before: number, limit: number): Script<readonly Pick<TrashRow, 'tenant' | 'trash_id'>[]> {
  const begun = yield* all<TrashRow>(
    `select t.tenant, t.trash_id from trash t where t.purging = 1 and ${FORGOTTEN} limit $1`,
    limit,
  )
  if (begun.length > 0) return begun
  return yield* all<TrashRow>(
    `select t.tenant, t.trash_id from trash t where t.deleted_at < $1 and ${FORGOTTEN}
order by t.deleted_at limit $2`,
    before,
    limit,
  )
}
