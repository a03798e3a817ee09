import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** The tables of the first release. */
export const initialMigration: MigrationTemplate = {
  name: 'initial',
  sql: `
create table tenants (
  tenant TEXT primary key,
  next_outbox_seq INT not null default 1,
  created_at INT not null
END_TABLE;

-- A tree by parent_id: '' above the top level, 'trash' for what was deleted (its name is then the id of its trash row).
-- The tenant of the server-wide /skill tree is '_server'. Paths are derived.
-- implicit: a directory that exists only because something below it does
create table nodes (
  tenant TEXT not null,
  node_id TEXT not null,
  parent_id TEXT not null,
  name TEXT not null,
  kind TEXT not null,
  implicit INT not null default 0,
  content_hash TEXT,
  size INT not null default 0,
  mime_type TEXT,
  version INT not null default 0,
  created_at INT not null,
  modified_at INT not null,
  created_by TEXT not null,
  primary key (tenant, node_id)
END_TABLE;
create unique index nodes_name on nodes (tenant, parent_id, name);
create index nodes_content on nodes (content_hash);

create table versions (
  tenant TEXT not null,
  node_id TEXT not null,
  version INT not null,
  version_id TEXT not null,
  content_hash TEXT not null,
  size INT not null,
  mime_type TEXT,
  parent_version_id TEXT,
  source_type TEXT not null,
  change_reason TEXT,
  created_at INT not null,
  created_by TEXT not null,
  primary key (tenant, node_id, version)
END_TABLE;
create index versions_content on versions (content_hash);

create table trash (
  tenant TEXT not null,
  trash_id TEXT not null,
  node_id TEXT not null,
  path TEXT not null,
  relationships TEXT,
  deleted_at INT not null,
  deleted_by TEXT not null,
  primary key (tenant, trash_id)
END_TABLE;

-- A writer registers a hash, with a lease, before it writes the file; the collector deletes only what nobody leases or uses.
create table contents (
  content_hash TEXT primary key,
  size INT not null,
  leased_until INT not null,
  created_at INT not null
END_TABLE;

-- Changes of permissions that belong to committed changes of metadata; applied in the order of seq, then deleted.
-- paths: JSON array of the paths that are closed to other requests meanwhile
create table outbox (
  tenant TEXT not null,
  seq INT not null,
  entry_id TEXT not null,
  paths TEXT not null,
  body TEXT not null,
  created_at INT not null,
  primary key (tenant, seq)
END_TABLE;

create table outbox_leases (
  tenant TEXT primary key,
  owner TEXT not null,
  expires_at INT not null
END_TABLE;

create table api_keys (
  key_id TEXT primary key,
  key_hash TEXT not null,
  tenant TEXT not null,
  user_id TEXT not null,
  subject_type TEXT not null,
  subject_id TEXT not null,
  name TEXT not null,
  is_admin INT not null default 0,
  is_global_admin INT not null default 0,
  inherit_permissions INT not null default 0,
  created_at INT not null,
  expires_at INT,
  revoked_at INT,
  last_used_at INT
END_TABLE;
create unique index api_keys_hash on api_keys (key_hash);
create index api_keys_tenant on api_keys (tenant, user_id);

create table agents (
  tenant TEXT not null,
  agent_id TEXT not null,
  user_id TEXT not null,
  name TEXT not null,
  description TEXT,
  inherit_permissions INT not null default 0,
  metadata TEXT not null,
  config_path TEXT not null,
  created_at INT not null,
  primary key (tenant, agent_id)
END_TABLE;
create index agents_user on agents (tenant, user_id);

create table workspaces (
  tenant TEXT not null,
  path TEXT not null,
  name TEXT,
  description TEXT,
  created_by TEXT,
  metadata TEXT not null,
  created_at INT not null,
  primary key (tenant, path)
END_TABLE;

-- One row for each SKILL.md, made when it is written. error: why it cannot be used, or null
create table skills (
  tenant TEXT not null,
  node_id TEXT not null,
  name TEXT not null,
  description TEXT not null,
  version TEXT,
  author TEXT,
  requires TEXT not null,
  metadata TEXT not null,
  skill_created_at TEXT,
  skill_modified_at TEXT,
  warnings TEXT not null,
  error TEXT,
  primary key (tenant, node_id)
END_TABLE;
create index skills_name on skills (tenant, name);

-- Who did what: mutations in their own transaction; denials and administrators' bypass in batches.
create table audit (
  tenant TEXT not null,
  entry_id TEXT not null,
  at INT not null,
  actor TEXT not null,
  key_id TEXT,
  request_id TEXT not null,
  action TEXT not null,
  path TEXT,
  outcome TEXT not null,
  detail TEXT,
  primary key (tenant, entry_id)
END_TABLE;
create index audit_age on audit (tenant, at);

create table meta (
  key TEXT primary key,
  value TEXT not null
END_TABLE;
`,
}
