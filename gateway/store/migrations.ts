import type { MigrationTemplate } from '../../services/common/sql/ddl.ts'
import { permissionMigrations } from './permission-migrations.ts'
import { skillMigration } from '../skills/migration.ts'

/** The gateway's metadata database. Times are milliseconds since 1970, UTC; flags are 0 or 1; JSON is text. */
export const gatewayMigrations: readonly MigrationTemplate[] = [
  {
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
  },
  {
    name: 'registered memories',
    sql: `
create table memory_directories (
  tenant TEXT not null,
  path TEXT not null,
  name TEXT,
  description TEXT,
  created_by TEXT,
  metadata TEXT not null,
  created_at INT not null,
  primary key (tenant, path)
END_TABLE;
`,
  },
  {
    name: 'workspace snapshots',
    sql: `
-- node_id: the directory of the workspace, so that snapshots follow it when it is renamed, and go with it
create table snapshots (
  tenant TEXT not null,
  snapshot_id TEXT not null,
  node_id TEXT not null,
  snapshot_number INT not null,
  manifest_hash TEXT not null,
  file_count INT not null,
  total_size INT not null,
  description TEXT,
  tags TEXT not null,
  created_at INT not null,
  created_by TEXT not null,
  primary key (tenant, snapshot_id)
END_TABLE;
create unique index snapshots_number on snapshots (tenant, node_id, snapshot_number);

-- What stood in the directory, by paths that begin below it: files, and directories that somebody made (without content).
create table snapshot_files (
  tenant TEXT not null,
  snapshot_id TEXT not null,
  path TEXT not null,
  content_hash TEXT,
  size INT not null,
  mime_type TEXT,
  primary key (tenant, snapshot_id, path)
END_TABLE;
create index snapshot_files_content on snapshot_files (content_hash);
`,
  },
  {
    name: 'trash that is listed, restored and purged',
    sql: `
-- purging: it is being deleted for good, step by step, and cannot come back
alter table trash add column purging INT not null default 0;
create index trash_id on trash (trash_id);
create index trash_listed on trash (tenant, deleted_at, trash_id);
create index trash_age on trash (deleted_at);
create index trash_purging on trash (tenant) where purging = 1;
`,
  },
  {
    name: 'the last move of a tenant',
    sql: `
-- last_move_seq: the place in the outbox of the last entry that moves relationships; 0 if there was none
alter table tenants add column last_move_seq INT not null default 0;
`,
  },
  {
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
  },
  {
    name: 'full-text search',
    // What these tables hold can be made again from nodes and contents; tables named search_* are not moved to another
    // engine. search_state has the row 'complete' when everything is in them.
    sql: {
      sqlite: `
create table search_names (id integer primary key, tenant TEXT not null, node_id TEXT not null END_TABLE;
create unique index search_names_node on search_names (tenant, node_id);
create virtual table search_name_words using fts5(words, content='', contentless_delete=1, tokenize='ascii');
create trigger search_names_gone after delete on search_names
begin delete from search_name_words where rowid = old.id; end;

create table search_texts (id integer primary key, content_hash TEXT not null END_TABLE;
create unique index search_texts_content on search_texts (content_hash);
create virtual table search_text_words using fts5(words, content='', contentless_delete=1, tokenize='ascii');
create trigger search_texts_gone after delete on search_texts
begin delete from search_text_words where rowid = old.id; end;

create table search_state (key TEXT primary key, value TEXT not null END_TABLE;
`,
      postgres: `
create table search_names (
  tenant TEXT not null,
  node_id TEXT not null,
  vector tsvector not null,
  primary key (tenant, node_id)
END_TABLE;
create index search_names_vector on search_names using gin (vector);

create table search_texts (content_hash TEXT primary key, vector tsvector not null END_TABLE;
create index search_texts_vector on search_texts using gin (vector);

create table search_state (key TEXT primary key, value TEXT not null END_TABLE;
`,
    },
  },
  ...permissionMigrations,
  {
    name: 'plans of outbox entries',
    sql: `
-- plan: JSON array of the operations of a move that takes several calls; null if it takes one
alter table outbox add column plan TEXT;
`,
  },
  {
    name: 'mounts',
    sql: `
-- mount_id: the mount that a node belongs to, or whose mount point it is
-- mount_token: what the back end said of the state of the file when it was last looked at
alter table nodes add column mount_id TEXT;
alter table nodes add column mount_token TEXT;

-- Of several mounts at one point the one of the highest priority serves it.
-- made_directory: the directory came into being with the mount, and goes with it
create table mounts (
  tenant TEXT not null,
  mount_id TEXT not null,
  mount_point TEXT not null,
  backend_type TEXT not null,
  backend_config TEXT not null,
  priority INT not null,
  readonly INT not null,
  made_directory INT not null,
  created_at INT not null,
  created_by TEXT not null,
  primary key (tenant, mount_id)
END_TABLE;
create unique index mounts_point on mounts (tenant, mount_point, priority);

-- What shall be mounted when the gateway starts, or when somebody asks for it.
create table saved_mounts (
  tenant TEXT not null,
  mount_point TEXT not null,
  mount_id TEXT not null,
  backend_type TEXT not null,
  backend_config TEXT not null,
  priority INT not null,
  readonly INT not null,
  owner_user_id TEXT,
  description TEXT,
  created_at INT not null,
  updated_at INT not null,
  created_by TEXT not null,
  primary key (tenant, mount_point)
END_TABLE;

-- Paths of mounts that are being changed. A lock is void after its time.
create table mount_locks (
  tenant TEXT not null,
  path TEXT not null,
  owner TEXT not null,
  expires_at INT not null,
  primary key (tenant, path)
END_TABLE;

-- request: JSON of what was asked for; result: JSON of what came of it
-- owner, expires_at: which gateway runs it, and until when it has said that it does
create table sync_jobs (
  tenant TEXT not null,
  job_id TEXT not null,
  mount_id TEXT not null,
  mount_point TEXT not null,
  request TEXT not null,
  status TEXT not null,
  progress_pct INT not null,
  progress_detail TEXT,
  attempts INT not null,
  cancelling INT not null,
  created_at INT not null,
  created_by TEXT not null,
  started_at INT,
  completed_at INT,
  result TEXT,
  error_message TEXT,
  owner TEXT,
  expires_at INT,
  primary key (tenant, job_id)
END_TABLE;
create index sync_jobs_created on sync_jobs (tenant, created_at);
create index sync_jobs_open on sync_jobs (created_at) where status in ('pending', 'running');
`,
  },
  skillMigration,
  {
    name: 'directories without the files in them',
    sql: `
create index nodes_directories on nodes (tenant, parent_id) where kind = 'directory';
`,
  },
  {
    name: 'what tenants hold',
    sql: {
      sqlite: `
-- What a tenant holds: its files, those in the trash included, and the bytes of their newest versions. Kept by triggers.
alter table tenants add column used_files INT not null default 0;
alter table tenants add column used_bytes INT not null default 0;
update tenants set
  used_files = (select count(*) from nodes n where n.tenant = tenants.tenant and n.kind = 'file'),
  used_bytes = (select coalesce(sum(n.size), 0) from nodes n where n.tenant = tenants.tenant and n.kind = 'file');
create trigger nodes_added after insert on nodes when new.kind = 'file' begin
  update tenants set used_files = used_files + 1, used_bytes = used_bytes + new.size where tenant = new.tenant; end;
create trigger nodes_resized after update of size on nodes when new.kind = 'file' and new.size <> old.size begin
  update tenants set used_bytes = used_bytes + new.size - old.size where tenant = new.tenant; end;
create trigger nodes_gone after delete on nodes when old.kind = 'file' begin
  update tenants set used_files = used_files - 1, used_bytes = used_bytes - old.size where tenant = old.tenant; end;
`,
      postgres: `
-- What a tenant holds: its files, those in the trash included, and the bytes of their newest versions. Kept by triggers.
alter table tenants add column used_files INT not null default 0;
alter table tenants add column used_bytes INT not null default 0;
update tenants set
  used_files = (select count(*) from nodes n where n.tenant = tenants.tenant and n.kind = 'file'),
  used_bytes = (select coalesce(sum(n.size), 0) from nodes n where n.tenant = tenants.tenant and n.kind = 'file');
create function count_nodes() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' then
    update tenants set used_files = used_files + 1, used_bytes = used_bytes + new.size where tenant = new.tenant;
  elsif tg_op = 'UPDATE' then
    update tenants set used_bytes = used_bytes + new.size - old.size where tenant = new.tenant;
  else
    update tenants set used_files = used_files - 1, used_bytes = used_bytes - old.size where tenant = old.tenant;
  end if;
  return null;
end $$;
create trigger nodes_added after insert on nodes for each row when (new.kind = 'file') execute function count_nodes();
create trigger nodes_resized after update of size on nodes for each row
  when (new.kind = 'file' and new.size <> old.size) execute function count_nodes();
create trigger nodes_gone after delete on nodes for each row when (old.kind = 'file') execute function count_nodes();
`,
    },
  },
  {
    name: 'registrations that end',
    sql: `
alter table workspaces add column tags TEXT not null default '[]';
alter table workspaces add column session_id TEXT;
alter table workspaces add column expires_at INT;
alter table memory_directories add column tags TEXT not null default '[]';
alter table memory_directories add column session_id TEXT;
alter table memory_directories add column expires_at INT;
`,
  },
]
