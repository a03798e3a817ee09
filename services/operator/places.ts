import { readContentUrl } from '../../gateway/config/gateway-config.ts'
import { type Environment, SettingsReader } from '../common/config/settings.ts'
import { readDatabaseUrl, readSharedConfig, type SharedConfig } from '../common/config/shared-config.ts'
import { sqlitePath } from '../common/sql/open-database.ts'

/** One thing for each of the two databases. */
export interface Both<T> {
  readonly gateway: T
  readonly rebac: T
}

export type DatabaseUrls = Both<string>

/** Where a system on SQLite keeps everything. */
export interface Places {
  readonly files: Both<string>
  readonly contentUrl: string
}

/** @throws NexusError CONFIG_INVALID */
export function readDatabaseUrls(environment: Environment): DatabaseUrls {
  const settings = new SettingsReader(environment)
  const urls = databaseUrls(settings, readSharedConfig(settings))
  settings.finish()
  return urls
}

/** @throws NexusError CONFIG_INVALID, also if a database is not on SQLite */
export function readPlaces(environment: Environment): Places {
  const settings = new SettingsReader(environment)
  const shared = readSharedConfig(settings)
  const urls = databaseUrls(settings, shared)
  if (!Object.values(urls).every((url) => url.startsWith('sqlite:'))) {
    settings.problems.push(
      'Backup and restore are for SQLite; use pg_dump and pg_restore for a database on PostgreSQL.',
    )
  }
  const contentUrl = readContentUrl(settings, shared)
  settings.finish()
  return { files: { gateway: sqlitePath(urls.gateway), rebac: sqlitePath(urls.rebac) }, contentUrl }
}

function databaseUrls(settings: SettingsReader, shared: SharedConfig): DatabaseUrls {
  return {
    gateway: readDatabaseUrl(settings, 'NEXUS_DATABASE_URL', shared, 'gateway.db'),
    rebac: readDatabaseUrl(settings, 'REBAC_DATABASE_URL', shared, 'rebac.db'),
  }
}
