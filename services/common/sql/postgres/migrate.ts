import type pg from 'pg'
import { type Migration, MIGRATIONS_TABLE, pendingMigrations } from '../migrations.ts'

/** Any number, the same for every process that migrates. */
const MIGRATION_LOCK = 7_234_817

/**
 * Brings the database up to date; processes that start together take turns.
 * @throws NexusError DATABASE_TOO_NEW
 */
export async function migratePostgres(pool: pg.Pool, migrations: readonly Migration[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query(MIGRATIONS_TABLE)
    const { rows } = await client.query<{ applied: number }>(
      'select coalesce(max(version), 0) as applied from schema_migrations',
    )
    for (const step of pendingMigrations(migrations, rows[0]?.applied ?? 0, 'on PostgreSQL')) {
      await client.query(step.sql)
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
