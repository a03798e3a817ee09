import { all, type Script } from '../../services/common/sql/script.ts'

/** Before the id of a session, where a caller with an API key has the id of the key. */
export const SESSION_KEY = 'session:'

/** Somebody who has signed in. Times are milliseconds since 1970. */
export interface SessionRecord {
  readonly sessionId: string
  readonly tenant: string
  readonly userId: string
  readonly createdAt: number
  readonly expiresAt: number
}

interface SessionRow {
  readonly session_id: string
  readonly tenant: string
  readonly user_id: string
  readonly created_at: number
  readonly expires_at: number
}

/** Sessions that go on, of users who are there, in one query; others are left out. */
export function* readSessions(ids: readonly string[]): Script<readonly SessionRecord[]> {
  const query = (
    list: string,
  ) => `select s.session_id, s.tenant, s.user_id, s.created_at, s.expires_at from sessions as s
    join users as u on u.tenant = s.tenant and u.user_id = s.user_id
    where s.revoked_at is null and s.session_id in (${list})`
  const rows = yield* all<SessionRow>(
    {
      sqlite: query('select value from json_each($1)'),
      postgres: query('select jsonb_array_elements_text($1::jsonb)'),
    },
    JSON.stringify(ids),
  )
  return rows.map((row) => ({
    sessionId: row.session_id,
    tenant: row.tenant,
    userId: row.user_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }))
}
