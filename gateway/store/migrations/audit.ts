import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** By which relationships changes were allowed. */
export const auditWaysMigration: MigrationTemplate = {
  name: 'by which relationships changes were allowed',
  sql: `
-- Belongs to the rows of audit of the same request about the object and what lies below it. way: JSON
create table audit_ways (
  tenant TEXT not null,
  at INT not null,
  request_id TEXT not null,
  object TEXT not null,
  way TEXT not null,
  primary key (tenant, at, request_id, object)
END_TABLE;
`,
}

/** Lets the way of something that was renamed be followed back. */
export const auditRenamesMigration: MigrationTemplate = {
  name: 'renames of the audit trail by their targets',
  sql: { sqlite: renamesIndex("(detail ->> 'to')"), postgres: renamesIndex("(detail::jsonb ->> 'to')") },
}

function renamesIndex(target: string): string {
  return `create index audit_renames on audit (tenant, ${target}, at, entry_id) where action = 'rename' and outcome = 'ok';`
}
