import type pg from 'pg'
import {
  APPLIED_MIGRATIONS,
  type AppliedMigration,
  type Migration,
  migrationFailed,
  MIGRATIONS_TABLE,
  pendingMigrations,
} from '../migrations.ts'
import { isConflict, isConnectionLoss } from './errors.ts'

/** Any number, the same for every process that migrates. */
const MIGRATION_LOCK = 7_234_817
const WHERE = 'on PostgreSQL'

/**
 * Brings the database up to date, with all steps or none; processes that start together take turns.
 * @throws NexusError DATABASE_TOO_NEW, MIGRATION_FAILED; CONFIG_INVALID if the database is another program's
 */
export async function migratePostgres(pool: pg.Pool, migrations: readonly Migration[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query(MIGRATIONS_TABLE)
    const { rows: history } = await client.query<AppliedMigration>(APPLIED_MIGRATIONS)
    const applied = history.at(-1)?.version ?? 0
    for (const step of pendingMigrations(migrations, history, WHERE)) {
      try {
        await client.query(step.sql)
      } catch (error) {
        throw isConflict(error) || isConnectionLoss(error) ? error : migrationFailed(WHERE, applied, step, error)
      }
      await client.query('insert into schema_migrations (version, name, applied_at) values ($1, $2, $3)', [
        step.version,
        step.name,
        Date.now(),
      ])
    }
    await client.query('commit')
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}
