import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** Full-text search; each engine has its own. */
export const searchMigration: MigrationTemplate = {
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
}
