import { basename } from 'node:path'
import type { ManagedLink } from '../../share-links/share-links.ts'
import type { Opened } from '../../share-links/open-link.ts'
import { type AccessRecord, statusOf } from '../../share-links/link-record.ts'
import { isoTime } from '../special-values.ts'

/** A link for those who manage it. `linkId` is what opens it where that is known, else its id. */
export function presentLink({ link, path }: ManagedLink, linkId: string, now: number) {
  return {
    link_id: linkId,
    id: link.link_id,
    path,
    permission_level: 'viewer',
    has_password: link.password !== null,
    status: path === null ? 'gone' : statusOf(link, now),
    created_by: `${link.created_by_type}:${link.created_by_id}`,
    created_at: isoTime(link.created_at),
    expires_at: timeOrNull(link.expires_at),
    max_access_count: link.max_access_count,
    access_count: link.access_count,
    revoked_at: timeOrNull(link.revoked_at),
  }
}

/** What a visitor learns: of a link with a password, nothing of the file before the password was right. */
export function presentLinked(opened: Opened & { readonly ticket?: string }, secret: string) {
  const { link, entry, ticket } = opened
  const known = link.password === null || ticket !== undefined
  return {
    link_id: secret,
    permission_level: 'viewer',
    password_required: link.password !== null,
    expires_at: timeOrNull(link.expires_at),
    ...(known ? { name: basename(entry.path), size: entry.size, mime_type: entry.mimeType } : {}),
    ...(ticket === undefined
      ? {}
      : { access_granted: true, etag: entry.etag, download_url: `/api/share/${secret}/download?ticket=${ticket}` }),
  }
}

export function presentAccess({ access_id, at, outcome, ip, user_agent, accessed_by }: AccessRecord) {
  return {
    access_id,
    accessed_at: isoTime(at),
    success: outcome === 'ok',
    failure_reason: outcome === 'ok' ? null : outcome,
    ip_address: ip,
    user_agent,
    accessed_by,
  }
}

function timeOrNull(time: number | null): string | null {
  return time === null ? null : isoTime(time)
}
