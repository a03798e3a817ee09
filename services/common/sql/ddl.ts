import type { Dialect } from './dialect.ts'
import type { Migration } from './migrations.ts'

/** A migration written once: TEXT, INT and BYTES are the only column types; END_TABLE closes each table. */
export interface MigrationTemplate {
  readonly name: string
  /** One text for both engines, or, where they have nothing in common, one for each. */
  readonly sql: string | Readonly<Record<Dialect, string>>
}

const WORDS: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  sqlite: { TEXT: 'text', INT: 'integer', BYTES: 'blob', END_TABLE: ') strict' },
  // Ids are compared by their bytes on both engines, whatever the server's locale.
  postgres: { TEXT: 'text collate "C"', INT: 'bigint', BYTES: 'bytea', END_TABLE: ')' },
}

/** The history of a database in one engine's words, numbered from 1. */
export function migrationsFor(dialect: Dialect, templates: readonly MigrationTemplate[]): readonly Migration[] {
  return templates.map(({ name, sql }, index) => ({
    version: index + 1,
    name,
    sql: (typeof sql === 'string' ? sql : sql[dialect]).replaceAll(
      /\b(TEXT|INT|BYTES|END_TABLE)\b/g,
      (word) => WORDS[dialect][word] ?? word,
    ),
  }))
}
