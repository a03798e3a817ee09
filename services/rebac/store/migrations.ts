import type { MigrationTemplate } from '../../common/sql/ddl.ts'

/** The permission database. */
export const rebacMigrations: readonly MigrationTemplate[] = [
  {
    name: 'initial',
    sql: `
-- epoch: starts anew with every restore or migration; token_key: signs tokens and cursors on every replica
create table meta (
  key TEXT primary key,
  value TEXT not null
END_TABLE;

-- revision: advanced in the transaction of every change, without gaps; trimmed_revision: the log starts after it
create table tenants (
  tenant TEXT primary key,
  revision INT not null,
  trimmed_revision INT not null default 0,
  schema_version TEXT not null default '',
  created_at INT not null
END_TABLE;

create table schemas (
  tenant TEXT not null,
  version TEXT not null,
  format TEXT not null,
  model TEXT not null,
  hierarchies TEXT not null,
  revision INT not null,
  created_at INT not null,
  primary key (tenant, version)
END_TABLE;

-- subject_tenant '' is the tenant itself; subject_id '*' is a wildcard; subject_relation '' is no userset
create table relationships (
  tenant TEXT not null,
  id TEXT not null,
  object_type TEXT not null,
  object_id TEXT not null,
  relation TEXT not null,
  subject_tenant TEXT not null,
  subject_type TEXT not null,
  subject_id TEXT not null,
  subject_relation TEXT not null,
  condition_name TEXT not null,
  condition_context TEXT,
  expires_at INT,
  created_at INT not null,
  attributes TEXT
END_TABLE;
create unique index relationships_key on relationships
  (tenant, object_type, object_id, relation, subject_type, subject_id, subject_relation, subject_tenant);
create unique index relationships_id on relationships (tenant, id);
-- Of expressions, so that only a statement that says them is planned over it. Lookups by key must not be: on average this
-- index is as selective as that of keys, but one subject may stand in a hundred thousand relationships
create index relationships_subject on relationships
  (tenant, (subject_type || ''), (subject_id || ''), (subject_relation || ''));
create index relationships_expiry on relationships (expires_at) where expires_at is not null;
create index relationships_shares on relationships (subject_tenant, subject_type, subject_id) where subject_tenant <> '';

-- One entry for each revision. changes: full images as in images.ts; schema_version: set if one was written.
-- changes stands last: it may be megabytes long, and trimming reads only what is before it
create table log (
  tenant TEXT not null,
  revision INT not null,
  kind TEXT not null,
  schema_version TEXT not null default '',
  committed_at INT not null,
  changes TEXT not null,
  primary key (tenant, revision)
END_TABLE;
create index log_age on log (committed_at, tenant);

create table idempotency_keys (
  tenant TEXT not null,
  key TEXT not null,
  request_hash TEXT not null,
  answer TEXT not null,
  created_at INT not null,
  primary key (tenant, key)
END_TABLE;
create index idempotency_age on idempotency_keys (created_at);
`,
  },
  {
    name: 'usersets of an object',
    sql: `
-- Groups that stand on an object with very many users: for tenants that are evaluated from the database
create index relationships_usersets on relationships (tenant, object_type, object_id) where subject_relation <> '';
`,
  },
  {
    name: 'log without an index of ages',
    sql: `
-- A tenant's oldest entry is its first one, so the primary key finds what to trim, and every write is spared an index
drop index log_age;
`,
  },
]
