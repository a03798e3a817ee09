import { first, type Script } from '../../services/common/sql/script.ts'
import { type UserRecord, USER_COLUMNS, type UserRow, userOf } from '../accounts/user-record.ts'

/** A person who may sign in. */
export interface Credentials extends UserRecord {
  /** As Passwords made it; null if the user has none, or has left. */
  readonly password: string | null
}

/** An e-mail address or user name as it is compared. */
export function identifierKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}

const COLUMNS = `${USER_COLUMNS}, case when deprovisioned_at is null then password end as password`

/** By e-mail address or user name, as `identifierKey` gives them; null if nobody has it. */
export function* credentialsOf(key: string): Script<Credentials | null> {
  return found(
    yield* first<CredentialsRow>(`select ${COLUMNS} from users where email_key = $1 or username_key = $1 limit 1`, key),
  )
}

/** By the user's id; null if there is none. */
export function* credentialsOfUser(tenant: string, userId: string): Script<Credentials | null> {
  return found(
    yield* first<CredentialsRow>(`select ${COLUMNS} from users where tenant = $1 and user_id = $2`, tenant, userId),
  )
}

interface CredentialsRow extends UserRow {
  readonly password: string | null
}

function found(row: CredentialsRow | undefined): Credentials | null {
  return row === undefined ? null : { ...userOf(row), password: row.password }
}
