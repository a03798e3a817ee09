import { all, first, run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import type { AccessRecord, LinkRecord } from './link-record.ts'

/** So many wrong passwords are taken in a window; then the link answers nobody's until it is over. */
const MAX_GUESSES = 10
const WINDOW_MS = 900_000

interface LinkName {
  readonly tenant: string
  readonly linkId: string
  readonly now: number
}

/** The transactions of share links. */
export const shareLinkCommands = {
  *createShareLink({ link, audit }: { readonly link: LinkRecord; readonly audit: AuditRow }): Script<void> {
    yield* run(
      `insert into share_links (tenant, link_id, secret_hash, node_id, created_by_type, created_by_id, by_admin, password,
         created_at, expires_at, max_access_count, access_count, failures, failures_since)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0)`,
      link.tenant,
      link.link_id,
      link.secret_hash,
      link.node_id,
      link.created_by_type,
      link.created_by_id,
      link.by_admin,
      link.password,
      link.created_at,
      link.expires_at,
      link.max_access_count,
    )
    yield* insertAudit(audit)
  },

  /** False if it was revoked before. */
  *revokeShareLink({ tenant, linkId, now, audit }: LinkName & { readonly audit: AuditRow }): Script<boolean> {
    const row = yield* first(
      `update share_links set revoked_at = $3 where tenant = $1 and link_id = $2 and revoked_at is null returning link_id`,
      tenant,
      linkId,
      now,
    )
    if (row === undefined) return false
    yield* insertAudit(audit)
    return true
  },

  /**
   * Counts a guess before it is looked at, so that many at once are no more than many after each other. Answers 0, or
   * for how many milliseconds none is taken.
   */
  *takeGuess({ tenant, linkId, now }: LinkName): Script<number> {
    const taken = yield* first(
      `update share_links set
         failures = case when failures_since <= $3 then 1 else failures + 1 end,
         failures_since = case when failures_since <= $3 then $4 else failures_since end
       where tenant = $1 and link_id = $2 and (failures < ${MAX_GUESSES} or failures_since <= $3) returning failures`,
      tenant,
      linkId,
      now - WINDOW_MS,
      now,
    )
    if (taken !== undefined) return 0
    const row = yield* first<{ failures_since: number }>(
      'select failures_since from share_links where tenant = $1 and link_id = $2',
      tenant,
      linkId,
    )
    return Math.max(1, (row?.failures_since ?? now) + WINDOW_MS - now)
  },

  *noteWrongPassword({ tenant, linkId, access }: LinkName & { readonly access: AccessRecord }): Script<void> {
    yield* insertAccess(tenant, linkId, access, null)
  },

  /** Counts one access, unless the link has ended, or the file is not the one that was looked at. */
  *takeAccess(
    request: LinkName & {
      readonly nodeId: string
      readonly version: number
      readonly access: AccessRecord
      readonly ticketHash: string
    },
  ): Script<'taken' | 'ended' | 'changed'> {
    const { tenant, linkId, now, nodeId, version, access, ticketHash } = request
    const node = yield* first<{ version: number }>(
      "select version from nodes where tenant = $1 and node_id = $2 and parent_id <> 'trash'",
      tenant,
      nodeId,
    )
    if (node?.version !== version) return 'changed'
    const row = yield* first(
      `update share_links set access_count = access_count + 1, failures = 0
       where tenant = $1 and link_id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)
         and (max_access_count is null or access_count < max_access_count) returning access_count`,
      tenant,
      linkId,
      now,
    )
    if (row === undefined) return 'ended'
    yield* insertAccess(tenant, linkId, access, ticketHash)
    return 'taken'
  },

  /** Forgets who came before a time, at most `limit` of them, the oldest first. Answers how many. */
  *trimLinkAccesses({ before, limit }: { readonly before: number; readonly limit: number }): Script<number> {
    const gone = yield* all(
      `delete from share_link_accesses where (tenant, link_id, access_id) in
         (select tenant, link_id, access_id from share_link_accesses where at < $1 order by at limit $2) returning access_id`,
      before,
      limit,
    )
    return gone.length
  },

  /** Deletes a part of a link to a file that is gone for good, and of who came with it. Answers whether that was all. */
  *dropDeadLink(request: {
    readonly tenant: string
    readonly linkId: string
    readonly limit: number
  }): Script<boolean> {
    const { tenant, linkId, limit } = request
    const gone = yield* all(
      `delete from share_link_accesses where tenant = $1 and link_id = $2 and access_id in
         (select access_id from share_link_accesses where tenant = $1 and link_id = $2 limit $3) returning access_id`,
      tenant,
      linkId,
      limit,
    )
    if (gone.length === limit) return false
    yield* run('delete from share_links where tenant = $1 and link_id = $2', tenant, linkId)
    return true
  },
}

function insertAccess(tenant: string, linkId: string, access: AccessRecord, ticketHash: string | null): Script<void> {
  return run(
    `insert into share_link_accesses (tenant, link_id, access_id, ticket_hash, at, outcome, ip, user_agent, accessed_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    tenant,
    linkId,
    access.access_id,
    ticketHash,
    access.at,
    access.outcome,
    access.ip,
    access.user_agent,
    access.accessed_by,
  )
}
