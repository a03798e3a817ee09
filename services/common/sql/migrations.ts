import { describeError, NexusError } from '../errors/nexus-error.ts'

/** One step of a database's history. Steps are never changed after a release, only added. */
export interface Migration {
  /** 1, 2, 3 ... without gaps. */
  readonly version: number
  readonly name: string
  /** Statements separated by semicolons, run in one transaction with the record of the step. */
  readonly sql: string
}

export const MIGRATIONS_TABLE = `create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  applied_at bigint not null
)`

/** What a database says of a step that it has gone. */
export type AppliedMigration = Pick<Migration, 'version' | 'name'>

/** The steps that a database has gone, in order. */
export const APPLIED_MIGRATIONS = 'select version, name from schema_migrations order by version'

/**
 * The steps that are still to be run.
 * @throws NexusError DATABASE_TOO_NEW if the database has steps that this program does not know; CONFIG_INVALID if its
 *   history is that of another program
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  history: readonly AppliedMigration[],
  where: string,
): readonly Migration[] {
  const newest = migrations.length
  const applied = history.at(-1)?.version ?? 0
  if (!isOwnHistory(migrations, history)) {
    throw new NexusError(
      'CONFIG_INVALID',
      `The database ${where} belongs to another process: give the gateway (NEXUS_DATABASE_URL) and the permission service (REBAC_DATABASE_URL) a database each.`,
    )
  }
  if (applied > newest) {
    throw new NexusError(
      'DATABASE_TOO_NEW',
      `The database ${where} is at version ${applied} but this program knows versions up to ${newest}: start the newer program, or restore a backup made by this one.`,
    )
  }
  return migrations.slice(applied)
}

/** Both processes keep their steps in a table of one name; the names of the steps tell whose database it is. */
function isOwnHistory(migrations: readonly Migration[], history: readonly AppliedMigration[]): boolean {
  return history.every(({ version, name }) => {
    const known = migrations[version - 1]
    return known === undefined || known.name === name
  })
}

/** What a start says whose steps were all taken back because one of them failed. */
export function migrationFailed(where: string, from: number, step: Migration, cause: unknown): NexusError {
  return new NexusError(
    'MIGRATION_FAILED',
    `The database ${where} stays at version ${from}, because step ${step.version} (${step.name}) failed (${describeError(cause)}): go on with the program that made it, and report this.`,
    { cause },
  )
}
