import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** What trash needs to be listed, restored and purged. */
export const trashMigration: MigrationTemplate = {
  name: 'trash that is listed, restored and purged',
  sql: `
-- purging: it is being deleted for good, step by step, and cannot come back
alter table trash add column purging INT not null default 0;
create index trash_id on trash (trash_id);
create index trash_listed on trash (tenant, deleted_at, trash_id);
create index trash_age on trash (deleted_at);
create index trash_purging on trash (tenant) where purging = 1;
`,
}
