import { createHash } from 'node:crypto'
import { all, first, type Script, type SqlValue } from '../../services/common/sql/script.ts'

/** A link as it is stored. Times are milliseconds since 1970. */
export interface LinkRecord {
  readonly tenant: string
  /** Names the link to those who manage it; opens nothing. */
  readonly link_id: string
  /** SHA-256 of what opens it. */
  readonly secret_hash: string
  /** The file, wherever it is moved. */
  readonly node_id: string
  readonly created_by_type: string
  readonly created_by_id: string
  /** 1: whoever made it had no right of his own, and was an administrator. */
  readonly by_admin: number
  /** As Passwords gives it; null: it needs none. */
  readonly password: string | null
  readonly created_at: number
  readonly expires_at: number | null
  readonly max_access_count: number | null
  readonly access_count: number
  readonly revoked_at: number | null
}

/** Somebody who came with a link. */
export interface AccessRecord {
  readonly access_id: string
  readonly at: number
  readonly outcome: 'ok' | 'wrong_password'
  readonly ip: string
  readonly user_agent: string | null
  /** Of a caller with a key; null for anybody else. */
  readonly accessed_by: string | null
}

const COLUMNS = `tenant, link_id, secret_hash, node_id, created_by_type, created_by_id, by_admin, password, created_at,
  expires_at, max_access_count, access_count, revoked_at`

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** What a link still is: only an active one opens anything. */
export function statusOf(link: LinkRecord, now: number): 'active' | 'revoked' | 'expired' | 'used_up' {
  if (link.revoked_at !== null) return 'revoked'
  if (link.expires_at !== null && link.expires_at <= now) return 'expired'
  return link.max_access_count !== null && link.access_count >= link.max_access_count ? 'used_up' : 'active'
}

export function* linkBySecret(secret: string): Script<LinkRecord | null> {
  const row = yield* first<LinkRecord>(`select ${COLUMNS} from share_links where secret_hash = $1`, hashSecret(secret))
  return row ?? null
}

/** By what opens it or by its name, within a tenant. */
export function* linkOf(tenant: string, link: string): Script<LinkRecord | null> {
  const row = yield* first<LinkRecord>(
    `select ${COLUMNS} from share_links where tenant = $1 and (link_id = $2 or secret_hash = $3)`,
    tenant,
    link,
    hashSecret(link),
  )
  return row ?? null
}

/** The links of a tenant, of one file, of one maker; the newest first. */
export function linksOf(
  tenant: string,
  only: {
    readonly nodeId?: string | undefined
    readonly createdBy?: { readonly type: string; readonly id: string } | undefined
  },
): Script<readonly LinkRecord[]> {
  const values: SqlValue[] = [tenant]
  let where = 'tenant = $1'
  if (only.nodeId !== undefined) where += ` and node_id = $${values.push(only.nodeId)}`
  if (only.createdBy !== undefined) {
    const { type, id } = only.createdBy
    where += ` and created_by_type = $${values.push(type)} and created_by_id = $${values.push(id)}`
  }
  return all<LinkRecord>(`select ${COLUMNS} from share_links where ${where} order by link_id desc`, ...values)
}

/** Who came with a link, the latest first. */
export function accessesOf(tenant: string, linkId: string, limit: number): Script<readonly AccessRecord[]> {
  return all<AccessRecord>(
    `select access_id, at, outcome, ip, user_agent, accessed_by from share_link_accesses
where tenant = $1 and link_id = $2 order by access_id desc limit $3`,
    tenant,
    linkId,
    limit,
  )
}

/** A link, and whether its file is there, be it in the trash. */
export interface LinkState {
  readonly tenant: string
  readonly link_id: string
  /** 1: it is gone for good. */
  readonly dead: number
}

/** Links of all tenants that come after one, by their names. */
export function linksAfter(
  { tenant, link_id: linkId }: Pick<LinkState, 'tenant' | 'link_id'>,
  limit: number,
): Script<readonly LinkState[]> {
  return all<LinkState>(
    `select l.tenant, l.link_id, case when n.node_id is null then 1 else 0 end as dead
from share_links l left join nodes n on n.tenant = l.tenant and n.node_id = l.node_id
where (l.tenant, l.link_id) > ($1, $2) order by l.tenant, l.link_id limit $3`,
    tenant,
    linkId,
    limit,
  )
}

/** Whether a ticket of a link is known, and not older than it may be. */
export function* ticketIsGood(tenant: string, linkId: string, ticket: string, since: number): Script<boolean> {
  const row = yield* first(
    'select access_id from share_link_accesses where tenant = $1 and link_id = $2 and ticket_hash = $3 and at > $4',
    tenant,
    linkId,
    hashSecret(ticket),
    since,
  )
  return row !== undefined
}

/** Where a node stands; null if it is in the trash, or gone. */
export function* pathOfNode(tree: string, nodeId: string): Script<string | null> {
  let path = ''
  for (let id = nodeId; id !== ''; ) {
    const row = yield* first<{ parent_id: string; name: string }>(
      'select parent_id, name from nodes where tenant = $1 and node_id = $2',
      tree,
      id,
    )
    if (row === undefined) return null
    path = `/${row.name}${path}`
    id = row.parent_id
  }
  return path
}

/** Whether a user has a key of an administrator of a tenant. */
export function* isStillAdmin(tenant: string, user: string, now: number): Script<boolean> {
  const row = yield* first(
    `select key_id from api_keys where tenant = $1 and user_id = $2 and subject_type = 'user' and is_admin = 1
  and revoked_at is null and (expires_at is null or expires_at > $3) limit 1`,
    tenant,
    user,
    now,
  )
  return row !== undefined
}
