/** A person as the database keeps it. Times are milliseconds since 1970. */
export interface UserRecord {
  readonly tenant: string
  readonly userId: string
  readonly email: string | null
  readonly username: string | null
  readonly displayName: string | null
  readonly avatarUrl: string | null
  readonly createdAt: number
  readonly lastLoginAt: number | null
}

export interface UserRow {
  readonly tenant: string
  readonly user_id: string
  readonly email: string | null
  readonly username: string | null
  readonly display_name: string | null
  readonly avatar_url: string | null
  readonly created_at: number
  readonly last_login_at: number | null
}

export const USER_COLUMNS = 'tenant, user_id, email, username, display_name, avatar_url, created_at, last_login_at'

export function userOf(row: UserRow): UserRecord {
  return {
    tenant: row.tenant,
    userId: row.user_id,
    email: row.email,
    username: row.username,
    displayName: row.display_name,
    avatarUrl: row.avatar_url,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
  }
}
