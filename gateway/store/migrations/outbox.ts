import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** Where in the outbox the last move of a tenant stands. */
export const lastMoveMigration: MigrationTemplate = {
  name: 'the last move of a tenant',
  sql: `
-- last_move_seq: the place in the outbox of the last entry that moves relationships; 0 if there was none
alter table tenants add column last_move_seq INT not null default 0;
`,
}

/** The plans of moves that take several calls. */
export const plansMigration: MigrationTemplate = {
  name: 'plans of outbox entries',
  sql: `
-- plan: JSON array of the operations of a move that takes several calls; null if it takes one
alter table outbox add column plan TEXT;
`,
}
