import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { all, first, run, type Script } from '../../services/common/sql/script.ts'
import { insertUser, type NewUser, ownHome } from '../accounts/ensure-user.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import type { OutboxReceipt } from '../outbox/entry.ts'
import { lockTenant } from '../outbox/scripts.ts'
import { type Attempt, attemptSucceeded, beginAttempt, FAILURES_MS, KNOWN_MS } from './attempts.ts'
import type { SessionRecord } from './session-record.ts'

const SECRET = 'session-secret'

/** The transactions of people who sign in. */
export const signInCommands = {
  beginAttempt,

  /** The secret that tokens are signed with; the first one that was offered. */
  *sessionSecret(offered: string): Script<string> {
    yield* run('insert into meta (key, value) values ($1, $2) on conflict (key) do nothing', SECRET, offered)
    return (yield* first<{ value: string }>('select value from meta where key = $1', SECRET))?.value ?? offered
  },

  /** @throws NexusError ALREADY_EXISTS if somebody has the address or the name */
  *registerUser(request: {
    readonly user: NewUser
    readonly emailKey: string
    readonly username: string | null
    readonly usernameKey: string | null
    readonly password: string
    readonly session: SessionRecord
    readonly audit: AuditRow
  }): Script<OutboxReceipt> {
    const { user, emailKey, username, usernameKey, password, session, audit } = request
    yield* lockTenant('_sign_in', user.now)
    yield* lockTenant(user.tenant, user.now)
    const taken = yield* first(
      'select user_id from users where email_key in ($1, $2) or username_key in ($1, $2) limit 1',
      emailKey,
      usernameKey ?? emailKey,
    )
    if (taken !== undefined || !(yield* insertUser(user)))
      throw new NexusError('ALREADY_EXISTS', 'An account with this e-mail address or user name exists already')
    yield* run(
      `update users set email_key = $3, username = $4, username_key = $5, password = $6, last_login_at = $7
       where tenant = $1 and user_id = $2`,
      user.tenant,
      user.userId,
      emailKey,
      username,
      usernameKey,
      password,
      user.now,
    )
    yield* insertSession(session)
    yield* insertAudit(audit)
    return yield* ownHome(user)
  },

  /** Begins a session; false if the password is not the one any more that was compared. */
  *signIn(request: {
    readonly session: SessionRecord
    readonly attempt: Attempt
    readonly password: string
    readonly audit: AuditRow
  }): Script<boolean> {
    const { session, attempt, password, audit } = request
    const user = yield* first(
      `update users set last_login_at = $3
       where tenant = $1 and user_id = $2 and password = $4 and deprovisioned_at is null returning user_id`,
      session.tenant,
      session.userId,
      session.createdAt,
      password,
    )
    if (user === undefined) return false
    yield* attemptSucceeded(attempt, session.createdAt)
    yield* insertSession(session)
    yield* insertAudit(audit)
    return true
  },

  /** Ends every session of the user, and begins one; false as for signIn. */
  *changePassword(request: {
    readonly session: SessionRecord
    readonly attempt: Attempt
    readonly before: string
    readonly after: string
    readonly audit: AuditRow
  }): Script<boolean> {
    const { session, attempt, before, after, audit } = request
    const { tenant, userId, createdAt: now } = session
    const user = yield* first(
      `update users set password = $4
       where tenant = $1 and user_id = $2 and password = $3 and deprovisioned_at is null returning user_id`,
      tenant,
      userId,
      before,
      after,
    )
    if (user === undefined) return false
    yield* run(
      'update sessions set revoked_at = $3 where tenant = $1 and user_id = $2 and revoked_at is null',
      tenant,
      userId,
      now,
    )
    yield* attemptSucceeded(attempt, now)
    yield* insertSession(session)
    yield* insertAudit(audit)
    return true
  },

  /** Ends one session. */
  *endSession({ sessionId, now }: { readonly sessionId: string; readonly now: number }): Script<void> {
    yield* run('update sessions set revoked_at = $2 where session_id = $1 and revoked_at is null', sessionId, now)
  },

  /** What is undefined stays. */
  *changeProfile(request: {
    readonly tenant: string
    readonly userId: string
    readonly displayName?: string | null | undefined
    readonly avatarUrl?: string | null | undefined
    readonly audit: AuditRow
  }): Script<void> {
    const { tenant, userId, displayName, avatarUrl, audit } = request
    yield* run(
      `update users set display_name = case when $3 = 1 then $4 else display_name end,
         avatar_url = case when $5 = 1 then $6 else avatar_url end where tenant = $1 and user_id = $2`,
      tenant,
      userId,
      displayName === undefined ? 0 : 1,
      displayName ?? null,
      avatarUrl === undefined ? 0 : 1,
      avatarUrl ?? null,
    )
    yield* insertAudit(audit)
  },

  /** Deletes sessions and attempts that mean nothing any more, at most `limit` of each. Answers how many. */
  *trimSignIns({ now, limit }: { readonly now: number; readonly limit: number }): Script<number> {
    const sessions = yield* all(
      `delete from sessions where session_id in (select session_id from sessions where expires_at < $1 limit $2)
       returning session_id`,
      now,
      limit,
    )
    const attempts = yield* all(
      `delete from sign_in_attempts where attempt_key in (select attempt_key from sign_in_attempts
         where last_at < $1 and locked_until < $2 and (failures >= 0 or last_at < $3) limit $4) returning attempt_key`,
      now - FAILURES_MS,
      now,
      now - KNOWN_MS,
      limit,
    )
    return sessions.length + attempts.length
  },
}

function insertSession({ sessionId, tenant, userId, createdAt, expiresAt }: SessionRecord): Script<void> {
  return run(
    'insert into sessions (session_id, tenant, user_id, created_at, expires_at) values ($1, $2, $3, $4, $5)',
    sessionId,
    tenant,
    userId,
    createdAt,
    expiresAt,
  )
}
