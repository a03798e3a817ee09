import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** An index for listings of directories alone. */
export const directoriesMigration: MigrationTemplate = {
  name: 'directories without the files in them',
  sql: `
create index nodes_directories on nodes (tenant, parent_id) where kind = 'directory';
`,
}

/** What each tenant holds, counted by triggers. */
export const holdingsMigration: MigrationTemplate = {
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
}

export const finishedUploadsMigration: MigrationTemplate = {
  name: 'uploads that have become files',
  sql: `
-- so that an upload is written once, whichever gateway finishes it; kept for as long as the upload itself
create table finished_uploads (
  upload_id TEXT primary key,
  tenant TEXT not null,
  version INT not null,
  at INT not null
END_TABLE;
create index finished_uploads_at on finished_uploads (at);
`,
}
