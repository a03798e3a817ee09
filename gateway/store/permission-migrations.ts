import type { MigrationTemplate } from '../../services/common/sql/ddl.ts'

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
]
