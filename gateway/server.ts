import { AsyncLocalStorage } from 'node:async_hooks'
import { v7 as uuidv7 } from 'uuid'
import type { Registry } from 'prom-client'
import { createLogger, type Logger } from '../services/common/log.ts'
import { createRegistry } from '../services/common/metrics/metrics.ts'
import { Closer } from '../services/common/process/closer.ts'
import { createAuditor } from './audit/auditor.ts'
import type { AuditRow } from './audit/commands.ts'
import { createFindWay } from './audit/find-way.ts'
import { createWays } from './audit/ways.ts'
import { createCapabilities } from './capabilities.ts'
import type { GatewayConfig } from './config/gateway-config.ts'
import { type ContentsOptions, createContents } from './content/contents.ts'
import { openContentStore, uploadsDirectory } from './content-root.ts'
import { provisionDemo } from './demo/provision-demo.ts'
import { createFileDeps, createFiles } from './files/create-files.ts'
import { type BesideHandlers, createApp } from './http/app.ts'
import { giveUp } from './http/give-up.ts'
import { DRAIN_MS, listen } from './http/listener.ts'
import { UploadStore } from './http/uploads/upload-store.ts'
import { createAuthenticator } from './keys/create-authenticator.ts'
import { grantToFirstAdmin, makeFirstAdmin, requireSomeKey } from './keys/first-admin.ts'
import { LastUsed } from './keys/last-used.ts'
import { BackEnds } from './mounts/back-ends.ts'
import { connectorKinds } from './mounts/connectors/catalogue.ts'
import { createBacking } from './mounts/create-backing.ts'
import { loadSavedMounts } from './mounts/load-saved-mounts.ts'
import { removeTornWrites } from './mounts/remove-torn-writes.ts'
import { SyncRunner } from './mounts/sync/sync-runner.ts'
import { startOutboxApplier } from './outbox/applier.ts'
import { notingService } from './permissions/noting-permissions.ts'
import { connectPermissions, type PermissionService } from './permissions/rebac-permissions.ts'
import type { RevisionNotes } from './permissions/revision-notes.ts'
import { Provisioning, type ProvisioningStep } from './provisioning.ts'
import { createReadiness } from './readiness.ts'
import { createRights } from './relationships/rights.ts'
import { allMethods } from './rpc/methods/all.ts'
import { MethodRegistry } from './rpc/registry.ts'
import { createShareLinks } from './share-links/share-links.ts'
import type { Incoming } from './sharing/shares.ts'
import { startSearchBacklog } from './search/backlog.ts'
import { createPasswords } from './sign-in/passwords.ts'
import { createSessions } from './sign-in/sessions.ts'
import { createSignIn } from './sign-in/sign-in.ts'
import { SkillUses } from './skills/skill-uses.ts'
import { createSignedUrls } from './signed-urls/signed-urls.ts'
import { skillIndexer } from './skills/skill-indexer.ts'
import { type GatewayDatabase, openMeasuredDatabase } from './store/open-store.ts'
import { startUpkeep, type UpkeepOptions } from './upkeep.ts'

/** What tests put in the place of the real thing. */
export interface GatewayOverrides {
  readonly logger?: Logger
  readonly registry?: Registry
  /** Is closed with the server. */
  readonly db?: GatewayDatabase
  /** Is closed with the server. */
  readonly permissions?: PermissionService
  readonly beside?: BesideHandlers
  /** How long calls in flight may take when the gateway is closed, in milliseconds. */
  readonly drainMs?: number
  /** Times and sizes of what keeps contents. */
  readonly contents?: Pick<ContentsOptions, 'hotBytes' | 'leaseMs'> & Pick<UpkeepOptions, 'orphansEveryMs'>
}

/** A gateway that answers. */
export interface RunningGateway {
  readonly url: string
  /** Resolves when the demo data and the first administrator are there; until then /health/ready says 503. */
  readonly provisioned: Promise<void>
  /** Takes no new work, finishes what is in flight, closes everything. */
  close(): Promise<void>
}

/**
 * Starts the gateway. The permission service may come later: calls wait for it within their deadlines.
 * @throws NexusError CONFIG_INVALID, DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE
 */
export async function startGateway(config: GatewayConfig, overrides: GatewayOverrides = {}): Promise<RunningGateway> {
  const closer = new Closer()
  try {
    return await start(config, overrides, closer)
  } catch (error) {
    await closer.close()
    throw error
  }
}

async function start(config: GatewayConfig, overrides: GatewayOverrides, closer: Closer): Promise<RunningGateway> {
  const logger = overrides.logger ?? createLogger('gateway', config.logLevel)
  const registry = overrides.registry ?? createRegistry('gateway')
  for (const warning of config.warnings) logger.warn(warning)

  const db = overrides.db ?? (await openMeasuredDatabase(config.databaseUrl, registry))
  closer.defer(() => db.close())
  if (config.adminKey === null && !config.demo) await requireSomeKey(db, config.production, logger)
  const { rebac } = config
  const service = overrides.permissions ?? connectPermissions({ ...rebac, logger, registry })
  closer.defer(() => service.close())
  const revisions = new AsyncLocalStorage<RevisionNotes>()
  const notesNow = () => revisions.getStore()
  const permissions = notingService(service, notesNow)
  const outbox = startOutboxApplier({ db, permissions: service, logger, ownerId: uuidv7(), notesNow })
  closer.defer(() => outbox.close())
  const auditor = createAuditor({
    db,
    onLost: (count, error) => logger.error({ count, err: error }, 'audit rows were lost'),
  })
  closer.defer(() => auditor.close())
  const ways = createWays({ db, find: createFindWay(permissions), logger })
  closer.defer(() => ways.close())
  const store = openContentStore(config.contentUrl)
  const uploads = UploadStore.open(uploadsDirectory(config.contentUrl), config.uploadExpiryMs)
  closer.defer(startSearchBacklog({ db, store, logger, textBytes: config.searchTextBytes }))
  const lastUsed = new LastUsed({ logger, save: (used) => db.write('noteKeysUsed', used, { group: 'keys' }) })
  closer.defer(() => lastUsed.close())
  const skillUses = new SkillUses({ logger, save: (uses) => db.write('countSkillUses', uses, { group: 'skill uses' }) })
  closer.defer(() => skillUses.close())

  const incoming: Incoming = (tenant, subject, deadline) =>
    permissions.insight.incomingShares({ tenant, subject, deadline })
  const { mounts: mountSettings } = config
  const kinds = connectorKinds(mountSettings)
  const backEnds = new BackEnds({ db, kinds, ...mountSettings })
  closer.defer(() => backEnds.close())
  const { trashRetentionMs, auditRetentionMs } = config
  const mounts = { removeTorn: (stop: AbortSignal) => removeTornWrites({ db, backEnds, stop }) }
  const retentions = { trashRetentionMs, auditRetentionMs }
  closer.defer(startUpkeep({ db, store, uploads, mounts, logger, ...retentions, ...overrides.contents }))
  const parts = createFileDeps({
    db,
    content: createContents({
      db,
      store,
      wholeBytes: Math.max(config.maxBodyBytes, 67_108_864),
      ...overrides.contents,
    }),
    permissions,
    incoming,
    outbox,
    audit: auditor,
    ways,
    adminBypass: config.allowAdminBypass,
    backing: (rest) => createBacking(rest, backEnds),
    contentIndexers: [skillIndexer],
    keptVersions: config.keptVersions,
    maxFileBytes: config.maxFileBytes,
    maxPathBytes: config.maxPathBytes,
    maxPathDepth: config.maxPathDepth,
    quota: config.quota,
    searchTextBytes: config.searchTextBytes,
  })
  const files = createFiles(parts)
  const signedUrls = createSignedUrls(db)
  const rights = createRights({ permissions, auditor, ways, allowAdminBypass: config.allowAdminBypass })
  const { largestSynced: largest } = mountSettings
  const runner = new SyncRunner({ deps: parts, backEnds, logger, largest, ownerId: uuidv7() })
  closer.defer(() => runner.close())
  const mountParts = { files: parts, backEnds, kinds, rights, auditor }
  const audit = (row: AuditRow) => db.write('appendAudit', [row], { group: 'audit' })
  const relations = { permissions, insight: permissions.insight, rights, auditor, audit }
  const { allowAdminBypass } = config
  const shareLinks = createShareLinks({ ...relations, files: parts, passwords: createPasswords(), allowAdminBypass })
  const standing = { config, parts, files, outbox, relations, ways, incoming, mountParts, runner, skillUses }
  const capabilities = createCapabilities(standing)
  const methods = new MethodRegistry(allMethods({ ...capabilities, signedUrls, shareLinks }, config.limits))

  const steps: ProvisioningStep[] = []
  const { adminKey } = config
  if (adminKey !== null) {
    steps.push({ name: 'first administrator', run: () => makeFirstAdmin(db, adminKey, logger) })
    // An administrator whom being one does not open anything needs a relationship to begin with.
    if (!config.allowAdminBypass)
      steps.push({ name: "first administrator's rights", run: () => grantToFirstAdmin(permissions) })
  }
  if (config.demo) steps.push({ name: 'demo data', run: () => provisionDemo({ db, files, permissions, logger }) })
  steps.push({ name: 'saved mounts', run: () => loadSavedMounts(mountParts, logger) })
  const provisioning = new Provisioning(steps, logger)
  const sessions = createSessions(db)
  const app = createApp({
    ...config,
    ...(overrides.beside === undefined ? {} : { beside: overrides.beside }),
    authenticator: createAuthenticator({ db, lastUsed, sessions, production: config.production }),
    methods,
    files,
    signIn: createSignIn({ db, outbox, auditor, passwords: createPasswords(), sessions, ...config.signIn }),
    uploads,
    signedUrls,
    shareLinks,
    revisions,
    readiness: createReadiness({ db, permissions, provisioning }),
    registry,
    logger,
  })
  closer.defer(() => provisioning.close())
  const { host, port } = config
  const listener = await listen(app, { host, port, drainMs: overrides.drainMs ?? DRAIN_MS, giveUp: giveUp(logger) })
  closer.defer(() => listener.close())
  provisioning.start()
  logger.info({ url: listener.url, database: db.dialect }, `serving on ${listener.url}`)
  return { url: listener.url, provisioned: provisioning.done, close: () => closer.close() }
}
