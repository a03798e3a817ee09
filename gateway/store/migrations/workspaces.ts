import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** Directories that are registered as memories. */
export const memoriesMigration: MigrationTemplate = {
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
}

/** Snapshots of workspaces. */
export const snapshotsMigration: MigrationTemplate = {
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
}

/** Tags, the session and the time to live of registrations. */
export const registrationsMigration: MigrationTemplate = {
  name: 'registrations that end',
  sql: `
alter table workspaces add column tags TEXT not null default '[]';
alter table workspaces add column session_id TEXT;
alter table workspaces add column expires_at INT;
alter table memory_directories add column tags TEXT not null default '[]';
alter table memory_directories add column session_id TEXT;
alter table memory_directories add column expires_at INT;
`,
}
