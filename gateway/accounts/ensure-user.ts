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

/** Makes a user known who was not: from then on the user owns what is below /tenant:T/user:U. null if there was one. */
export function* ensureUser(user: NewUser): Script<OutboxReceipt | null> {
  const { tenant, userId, now, entryId, leaseOwner } = user
  yield* lockTenant(tenant, now)
  const made = yield* first(
    `insert into users (tenant, user_id, email, display_name, created_at) values ($1, $2, $3, $4, $5)
     on conflict (tenant, user_id) do nothing returning user_id`,
    tenant,
    userId,
    user.email,
    user.displayName,
    now,
  )
  if (made === undefined) return null
  const path = homeOf(tenant, userId)
  const owner = { tenant: '', type: 'user', id: userId, relation: '' }
  const changes = [{ kind: 'own', path, subject: owner }] as const
  return yield* appendOutbox({ tenant, entryId, paths: [path], changes, now, leaseOwner })
}
