import type { Registry } from 'prom-client'
import { databaseMetrics } from '../../services/common/metrics/metrics.ts'
import type { Database, DatabaseObserver } from '../../services/common/sql/database.ts'
import { openDatabase } from '../../services/common/sql/open-database.ts'
import { commands } from './commands.ts'
import { gatewayMigrations } from './migrations.ts'

/** The metadata database. Scripts that read live beside the capability that needs them. */
export type GatewayDatabase = Database<typeof commands>

export interface OpenGatewayDatabaseOptions {
  /** sqlite:PATH, or postgres://... */
  readonly url: string
  readonly observer?: DatabaseObserver
}

/**
 * Opens the metadata database and brings it up to date.
 * @throws NexusError DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE, CONFIG_INVALID
 */
export function openGatewayDatabase(options: OpenGatewayDatabaseOptions): Promise<GatewayDatabase> {
  return openDatabase({
    url: options.url,
    migrations: gatewayMigrations,
    commands,
    commandsUrl: new URL('./commands.ts', import.meta.url).href,
    applicationName: 'nexus-gateway',
    ...(options.observer === undefined ? {} : { observer: options.observer }),
  })
}

/** The same, with metrics of what it does. @throws NexusError as openGatewayDatabase */
export async function openMeasuredDatabase(url: string, registry: Registry): Promise<GatewayDatabase> {
  let depth = () => 0
  const observer = databaseMetrics(registry, 'gateway', () => depth())
  const db = await openGatewayDatabase({ url, observer })
  depth = () => db.queueDepth
  return db
}
