import { first, type Script } from '../../services/common/sql/script.ts'
import type { OutboxReceipt } from '../outbox/entry.ts'
import { appendOutbox, lockTenant } from '../outbox/scripts.ts'
import { homeOf } from './names.ts'

/** What makes somebody known to a tenant. */
export interface NewUser {
  readonly tenant: string
  readonly userId: string
  readonly email: string | null
  readonly displayName: string | null
  readonly now: number
  /** Id of the outbox entry. */
  readonly entryId: string
  readonly leaseOwner: string | null
}

/** Makes a user known who was not, or has left: from then on the user owns the home. null if there was one. */
export function* ensureUser(user: NewUser): Script<OutboxReceipt | null> {
  yield* lockTenant(user.tenant, user.now)
  return (yield* insertUser(user)) ? yield* ownHome(user) : null
}

/** Lets one who has left come back, with the account that stayed. False if the user is known. */
export function* insertUser({ tenant, userId, email, displayName, now }: NewUser): Script<boolean> {
  const made = yield* first(
    `insert into users (tenant, user_id, email, display_name, created_at) values ($1, $2, $3, $4, $5)
     on conflict (tenant, user_id) do update set deprovisioned_at = null where users.deprovisioned_at is not null
     returning user_id`,
    tenant,
    userId,
    email,
    displayName,
    now,
  )
  return made !== undefined
}

/** Whether the user has left, and the account stayed. */
export function* hasLeft({ tenant, userId }: Pick<NewUser, 'tenant' | 'userId'>): Script<boolean> {
  const query = 'select user_id from users where tenant = $1 and user_id = $2 and deprovisioned_at is not null'
  return (yield* first(query, tenant, userId)) !== undefined
}

/** Makes a user the owner of what is below /tenant:T/user:U. The tenant must be locked. */
export function ownHome({ tenant, userId, now, entryId, leaseOwner }: NewUser): Script<OutboxReceipt> {
  const path = homeOf(tenant, userId)
  const subject = { tenant: '', type: 'user', id: userId, relation: '' }
  return appendOutbox({ tenant, entryId, paths: [path], changes: [{ kind: 'own', path, subject }], now, leaseOwner })
}
