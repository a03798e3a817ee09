import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** Tables about permissions and what is shared. */
export const permissionMigrations: readonly MigrationTemplate[] = [
  {
    name: 'namespaces and options of tenants',
    sql: `
-- when a namespace was made and changed; what it says is in the schema of the permission service
create table namespace_times (
  tenant TEXT not null,
  object_type TEXT not null,
  created_at INT not null,
  updated_at INT not null,
  primary key (tenant, object_type)
END_TABLE;

create table rebac_options (
  tenant TEXT not null,
  name TEXT not null,
  value INT not null,
  primary key (tenant, name)
END_TABLE;
`,
  },
  {
    name: 'share links',
    sql: `
-- secret_hash: SHA-256 of what opens the link, which is not stored. failures: guesses of the password since failures_since
create table share_links (
  tenant TEXT not null,
  link_id TEXT not null,
  secret_hash TEXT not null,
  node_id TEXT not null,
  created_by_type TEXT not null,
  created_by_id TEXT not null,
  by_admin INT not null,
  password TEXT,
  created_at INT not null,
  expires_at INT,
  max_access_count INT,
  access_count INT not null,
  failures INT not null,
  failures_since INT not null,
  revoked_at INT,
  primary key (tenant, link_id)
END_TABLE;
create unique index share_links_secret on share_links (secret_hash);
create index share_links_node on share_links (tenant, node_id);
create index share_links_maker on share_links (tenant, created_by_type, created_by_id);

-- ticket_hash: SHA-256 of what lets this access be downloaded
create table share_link_accesses (
  tenant TEXT not null,
  link_id TEXT not null,
  access_id TEXT not null,
  ticket_hash TEXT,
  at INT not null,
  outcome TEXT not null,
  ip TEXT not null,
  user_agent TEXT,
  accessed_by TEXT,
  primary key (tenant, link_id, access_id)
END_TABLE;
`,
  },
]

export const linkAccessTimesMigration: MigrationTemplate = {
  name: 'times of accesses of share links',
  sql: `
create index share_link_accesses_at on share_link_accesses (at);
`,
}
