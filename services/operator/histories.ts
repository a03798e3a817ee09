import type BetterSqlite3 from 'better-sqlite3'
import { gatewayMigrations } from '../../gateway/store/migrations.ts'
import { NexusError } from '../common/errors/nexus-error.ts'
import type { MigrationTemplate } from '../common/sql/ddl.ts'
import { rebacMigrations } from '../rebac/store/migrations.ts'
import type { Both } from './places.ts'

/** The steps by which this program makes each database. */
export const histories: Both<readonly MigrationTemplate[]> = { gateway: gatewayMigrations, rebac: rebacMigrations }

/** In the order in which they are worked on. */
export const NAMES = ['gateway', 'rebac'] as const

/** @throws NexusError DATABASE_TOO_NEW */
export function refuseNewer(name: keyof typeof histories, version: number, where: string): void {
  const newest = histories[name].length
  if (version <= newest) return
  throw new NexusError(
    'DATABASE_TOO_NEW',
    `${where} is at version ${version} but this program knows versions up to ${newest}: use the program that wrote it, or a newer one.`,
  )
}

/** The version of a SQLite database of ours. @throws what SQLite throws if it is none */
export function versionOf(database: BetterSqlite3.Database): number {
  return database.prepare('select max(version) from schema_migrations').pluck().get() as number
}
