import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { readFileSync } from 'node:fs'
import { type Address, type Environment, isLoopback, SettingsReader } from '../../common/config/settings.ts'
import {
  loadOrCreateSharedSecret,
  readDatabaseUrl,
  readSharedConfig,
  type SharedConfig,
} from '../../common/config/shared-config.ts'
import { describeError } from '../../common/errors/nexus-error.ts'
import { type ClientSecret, MIN_SECRET_LENGTH, parseClientSecrets } from './client-secrets.ts'

/** Everything that the permission service is told from outside. */
export interface RebacConfig extends SharedConfig {
  readonly listen: Address
  readonly databaseUrl: string
  readonly secrets: readonly ClientSecret[]
  /** null: plain text. PEM. */
  readonly tls: { readonly certificate: Buffer; readonly key: Buffer } | null
  readonly memoryBudgetMb: number
  /** null: no metrics listener. */
  readonly metricsListen: Address | null
  /** How long changes can be watched and exact snapshots asked for, in hours. */
  readonly logRetentionHours: number
  /** Of one client, that is of one secret, at once. */
  readonly maxWatchesPerClient: number
}

/** @throws NexusError CONFIG_INVALID naming every wrong setting */
export function readRebacConfig(environment: Environment): RebacConfig {
  const settings = new SettingsReader(environment)
  const shared = readSharedConfig(settings)
  const listen = settings.address('REBAC_LISTEN', '127.0.0.1:50051')
  const tls = readTls(settings)
  const secretText = settings.secret('REBAC_TOKENS')
  const single = settings.secret('NEXUS_REBAC_TOKEN')
  if (shared.production && secretText === undefined && single === undefined) {
    settings.problems.push('REBAC_TOKENS (or NEXUS_REBAC_TOKEN) must be set in production.')
  }
  if (shared.production && single !== undefined && single.length < MIN_SECRET_LENGTH) {
    settings.problems.push(`NEXUS_REBAC_TOKEN must have at least ${MIN_SECRET_LENGTH} characters in production.`)
  }
  const plaintextAllowed = settings.flag('NEXUS_REBAC_PLAINTEXT', false)
  if (shared.production && tls === null && !isLoopback(listen.host) && !plaintextAllowed) {
    settings.problems.push(
      'REBAC_LISTEN is reachable from other machines without TLS: set REBAC_TLS_CERT and REBAC_TLS_KEY, or NEXUS_REBAC_PLAINTEXT=1 on a private network.',
    )
  }
  const config = {
    ...shared,
    listen,
    tls,
    databaseUrl: readDatabaseUrl(settings, 'REBAC_DATABASE_URL', shared, 'rebac.db'),
    memoryBudgetMb: settings.integer('REBAC_MEMORY_BUDGET_MB', defaultMemoryBudgetMb(), { min: 16, max: 1_048_576 }),
    metricsListen:
      settings.text('REBAC_METRICS_LISTEN') === undefined ? null : settings.address('REBAC_METRICS_LISTEN', ''),
    logRetentionHours: settings.integer('REBAC_LOG_RETENTION_HOURS', 24, { min: 1, max: 8_760 }),
    maxWatchesPerClient: settings.integer('REBAC_MAX_WATCHES_PER_CLIENT', 100, { min: 1, max: 100_000 }),
  }
  const secrets = secretText === undefined ? [] : parseClientSecrets(secretText, settings.problems)
  settings.finish()
  if (single !== undefined) secrets.push({ name: 'gateway', secret: single, readOnly: false, tenants: null })
  if (secrets.length === 0) {
    const secret = loadOrCreateSharedSecret(shared.dataDir)
    secrets.push({ name: 'gateway', secret, readOnly: false, tenants: null })
  }
  return { ...config, secrets }
}

/** The smaller of half the machine and 70% of the heap. */
function defaultMemoryBudgetMb(): number {
  const machine = totalmem() / 2
  const heap = getHeapStatistics().heap_size_limit * 0.7
  return Math.max(16, Math.floor(Math.min(machine, heap) / 1_048_576))
}

function readTls(settings: SettingsReader): RebacConfig['tls'] {
  const certificate = settings.text('REBAC_TLS_CERT')
  const key = settings.text('REBAC_TLS_KEY')
  if (certificate === undefined && key === undefined) return null
  if (certificate === undefined || key === undefined) {
    settings.problems.push('REBAC_TLS_CERT and REBAC_TLS_KEY must be set together.')
    return null
  }
  try {
    return { certificate: readFileSync(certificate), key: readFileSync(key) }
  } catch (error) {
    settings.problems.push(`REBAC_TLS_CERT or REBAC_TLS_KEY cannot be read: ${describeError(error)}.`)
    return null
  }
}
