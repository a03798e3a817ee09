import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** People, their sessions and failed sign-ins. */
export const accountsMigration: MigrationTemplate = {
  name: 'accounts',
  sql: `
-- People. email_key and username_key: as they are compared, for those who can sign in. password: how it was hashed, with the hash.
create table users (
  tenant TEXT not null,
  user_id TEXT not null,
  email TEXT,
  email_key TEXT,
  username TEXT,
  username_key TEXT,
  display_name TEXT,
  avatar_url TEXT,
  password TEXT,
  created_at INT not null,
  last_login_at INT,
  primary key (tenant, user_id)
END_TABLE;
create unique index users_email on users (email_key);
create unique index users_username on users (username_key);

create table sessions (
  session_id TEXT primary key,
  tenant TEXT not null,
  user_id TEXT not null,
  created_at INT not null,
  expires_at INT not null,
  revoked_at INT
END_TABLE;
create index sessions_user on sessions (tenant, user_id);
create index sessions_age on sessions (expires_at);

-- Failed sign-ins. attempt_key: a hash of who was tried, from where
create table sign_in_attempts (
  attempt_key TEXT primary key,
  failures INT not null,
  locked_until INT not null,
  last_at INT not null
END_TABLE;
create index sign_in_attempts_age on sign_in_attempts (last_at);

create index api_keys_subject on api_keys (tenant, subject_type, subject_id);
drop index audit_age;
create index audit_place on audit (tenant, at, entry_id);
`,
}

/** Who has left a tenant, while the account stays. */
export const deprovisionedMigration: MigrationTemplate = {
  name: 'accounts of those who left',
  sql: `
-- deprovisioned_at: since when the user is none any more; null: is one
alter table users add column deprovisioned_at INT;
`,
}
