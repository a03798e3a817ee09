import { Server } from '@grpc/grpc-js'
import type { Registry } from 'prom-client'
import { RebacServiceService } from '../common/gen/nexus/rebac/v1/service.ts'
import { OpenStreams } from '../common/grpc/open-streams.ts'
import { drain, listen } from '../common/grpc/server.ts'
import { tolerantService } from '../common/grpc/tolerant-service.ts'
import { createLogger, type Logger } from '../common/log.ts'
import { createRegistry, databaseMetrics, serveMetrics } from '../common/metrics/metrics.ts'
import { Closer } from '../common/process/closer.ts'
import { CallGuard } from './api/auth-interceptor.ts'
import { Authenticator } from './api/authenticator.ts'
import { ErrorFunnel } from './api/error-funnel.ts'
import { quickAnswers } from './api/check/quick-answers.ts'
import { Health } from './api/health.ts'
import { DEFAULT_TIMEOUT_MS, MAX_MESSAGE_BYTES } from './api/limits.ts'
import { createRebacMetrics } from './api/rebac-metrics.ts'
import { createRebacService } from './api/rebac-service.ts'
import { addReflection } from './api/reflection.ts'
import { TokenCodec } from './api/tokens.ts'
import type { RebacConfig } from './config/rebac-config.ts'
import { Housekeeping, type HousekeepingTimes } from './tenants/housekeeping.ts'
import type { RelationshipStore } from './store/contract.ts'
import { isPostgresUrl } from '../common/sql/open-database.ts'
import { openRelationshipStore } from './store/open-store.ts'
import { PostgresHeadNotices } from './store/postgres/head-notices.ts'
import { TenantRegistry } from './tenants/tenant-registry.ts'

/** What tests put in the place of the real thing. */
export interface RebacOverrides {
  readonly logger?: Logger
  readonly registry?: Registry
  /** Is closed with the server. */
  readonly store?: RelationshipStore
  /** How long calls in flight may take while the server drains, in milliseconds. @default 10000 */
  readonly drainMs?: number
  /** After how long without a message a watch sends a heartbeat, in milliseconds. @default 5000 */
  readonly heartbeatMs?: number
  /** In place of the configuration's, which has no use for tiny ones. */
  readonly memoryBudgetBytes?: number
  /** How often a replica asks for what others wrote, if nothing tells it, in milliseconds. @default 1000 */
  readonly pollMs?: number
  /** In place of the configuration's retention, which is hours, and of a week. */
  readonly housekeeping?: HousekeepingTimes
}

/** A permission service that answers. */
export interface RunningRebac {
  /** host:port, with the port that was chosen if none was named. */
  readonly address: string
  /** Says NOT_SERVING, finishes what is in flight, closes everything. */
  readonly close: () => Promise<void>
}

const DRAIN_MS = 10_000
const HEARTBEAT_MS = 5_000
const HOUR_MS = 3_600_000

/**
 * Starts the permission service.
 * @throws NexusError CONFIG_INVALID, DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE
 */
export async function startRebac(config: RebacConfig, overrides: RebacOverrides = {}): Promise<RunningRebac> {
  const closer = new Closer()
  try {
    return await start(config, overrides, closer)
  } catch (error) {
    await closer.close()
    throw error
  }
}

async function start(config: RebacConfig, overrides: RebacOverrides, closer: Closer): Promise<RunningRebac> {
  const logger = overrides.logger ?? createLogger('rebac', config.logLevel)
  const registry = overrides.registry ?? createRegistry('rebac')
  const store = overrides.store ?? (await openStore(config, registry))
  closer.defer(() => store.close())
  if (config.production && store.sharing === 'exclusive') {
    logger.warn(
      'NEXUS_ENV=production on SQLite: one process, no failover; use postgres:// in REBAC_DATABASE_URL for more',
    )
  }

  const notices =
    overrides.store === undefined && isPostgresUrl(config.databaseUrl) ? openNotices(config, logger) : null
  if (notices !== null) closer.defer(() => notices.close())
  const tenants = new TenantRegistry({
    store,
    logger,
    memoryBudgetBytes: overrides.memoryBudgetBytes ?? config.memoryBudgetMb * 1_048_576,
    ...(notices === null ? {} : { notices }),
    ...(overrides.pollMs === undefined ? {} : { pollMs: overrides.pollMs }),
  })
  closer.defer(() => tenants.close())
  const times = overrides.housekeeping ?? { logRetentionMs: config.logRetentionHours * HOUR_MS }
  const housekeeping = new Housekeeping({ store, tenants, logger, ...times })
  closer.defer(() => housekeeping.close())

  const metrics = createRebacMetrics(registry, tenants)
  const errors = new ErrorFunnel(logger, metrics.onError)
  const guard = new CallGuard(new Authenticator(config.secrets), (error, path) => errors.toError(error, path))
  const tokens = new TokenCodec(store.identity)
  const service = createRebacService(
    {
      store,
      tenants,
      tokens,
      errors,
      checks: metrics.checks,
      heartbeatMs: overrides.heartbeatMs ?? HEARTBEAT_MS,
      maxWatchesPerClient: config.maxWatchesPerClient,
    },
    {
      callerOf: (call) => guard.callerOf(call),
      defaultTimeoutMs: DEFAULT_TIMEOUT_MS,
      toError: (error, rpc) => errors.toError(error, rpc),
      onCall: metrics.onCall,
    },
  )

  const server = new Server({
    interceptors: [guard.interceptor],
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // A write was applied when its answer is sent, so that must not fail for its size.
    'grpc.max_send_message_length': -1,
  })
  closer.defer(() => server.forceShutdown())
  const openStreams = new OpenStreams()
  const health = new Health(openStreams.watching(server))
  addReflection(openStreams.watching(server))
  server.addService(tolerantService(quickAnswers(RebacServiceService)), { ...service.handlers })
  const address = await listen(server, config.listen, config.tls)
  closer.defer(async () => {
    health.draining()
    service.endStreams()
    openStreams.endAll()
    await drain(server, overrides.drainMs ?? DRAIN_MS)
  })
  if (config.metricsListen !== null) {
    const metricsServer = await serveMetrics(registry, config.metricsListen)
    closer.defer(() => metricsServer.close())
  }
  health.serving()
  logger.info({ address, tls: config.tls !== null, store: store.sharing }, `serving on ${address}`)
  return { address, close: () => closer.close() }
}

function openNotices(config: RebacConfig, logger: Logger): PostgresHeadNotices {
  return new PostgresHeadNotices(config.databaseUrl, (error) => {
    logger.debug({ err: error }, 'notices between replicas are interrupted; they ask the database meanwhile')
  })
}

async function openStore(config: RebacConfig, registry: Registry): Promise<RelationshipStore> {
  let depth = () => 0
  const observer = databaseMetrics(registry, 'rebac', () => depth())
  const store = await openRelationshipStore({ url: config.databaseUrl, observer })
  if ('queueDepth' in store) depth = () => Number(store.queueDepth)
  return store
}
