import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** Mounts, saved mounts, locks and synchronizations. */
export const mountsMigration: MigrationTemplate = {
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
}
