import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { type GatewayConfig, readGatewayConfig } from '../../gateway/config/gateway-config.ts'
import { hashKey, makeKey } from '../../gateway/keys/key-format.ts'
import type { KeyRecord } from '../../gateway/keys/key-record.ts'
import { connectPermissions, type PermissionService } from '../../gateway/permissions/rebac-permissions.ts'
import { type GatewayOverrides, type RunningGateway, startGateway } from '../../gateway/server.ts'
import { type GatewayDatabase, openGatewayDatabase } from '../../gateway/store/open-store.ts'
import { createLogger } from '../../services/common/log.ts'
import { createRegistry, databaseMetrics } from '../../services/common/metrics/metrics.ts'
import { all } from '../../services/common/sql/script.ts'
import { type RebacConfig, readRebacConfig } from '../../services/rebac/config/rebac-config.ts'
import { type RunningRebac, startRebac } from '../../services/rebac/server.ts'
import { GatewayClient } from './gateway-client.ts'
import { createDatabase, startPostgres } from './postgres.ts'

export type Engine = 'sqlite' | 'postgres'
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres']

export interface SystemOptions {
  readonly engine: Engine
  /** Settings of the gateway besides those that make it find its parts. */
  readonly settings?: Readonly<Record<string, string>>
  /** A second gateway on the same data, started at the same time; on PostgreSQL only. */
  readonly twoGateways?: boolean
  /** With two gateways: the second one asks a permission service of its own, on the same database. */
  readonly twoServices?: boolean
  readonly faults?: GatewayFaults
  /** Existing data, or a place for new ones; it stays when the system is closed. @default a new folder */
  readonly dataDir?: string
  /** Existing databases; they stay when the system is closed. @default new ones */
  readonly urls?: { readonly gateway: string; readonly rebac: string }
  /** Of a PostgreSQL server on which new databases are made. @default POSTGRES_URL, which vitest's global set-up gives */
  readonly postgresUrl?: string
}

/** What is not as it should be in the gateways of a test. */
export interface GatewayFaults extends Pick<GatewayOverrides, 'drainMs'> {
  /** Puts something between a gateway and its permissions. */
  readonly permissions?: (inner: PermissionService) => PermissionService
}

/** A gateway with the parts that tests look into. */
interface Gateway {
  readonly running: RunningGateway
  readonly db: GatewayDatabase
  readonly permissions: PermissionService
}

interface Configs {
  readonly gateway: GatewayConfig
  readonly rebac: RebacConfig
}

export interface AuditLine {
  readonly actor: string
  readonly action: string
  readonly path: string | null
  readonly outcome: string
}

/** Gateway and permission service in this process, on databases of their own. */
export class TestSystem {
  readonly dataDir: string
  readonly #configs: Configs
  /** Those of a gateway that is started again, too. */
  readonly #faults: GatewayFaults
  readonly #dispose: () => Promise<void>
  #gateway: Gateway
  readonly #second: Gateway | undefined
  #rebac: RunningRebac | undefined
  #keys = 0

  private constructor(
    configs: Configs,
    faults: GatewayFaults,
    gateways: readonly [Gateway, Gateway?],
    rebac: RunningRebac,
    dispose: () => Promise<void>,
  ) {
    this.dataDir = configs.gateway.dataDir
    this.#configs = configs
    this.#faults = faults
    this.#gateway = gateways[0]
    this.#second = gateways[1]
    this.#rebac = rebac
    this.#dispose = dispose
  }

  static async start(options: SystemOptions): Promise<TestSystem> {
    const { engine, settings, twoGateways, twoServices, urls, faults = {} } = options
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'nexus-gateway-')))
    const databases = engine === 'sqlite' || urls !== undefined ? [] : await twoDatabases(options.postgresUrl)
    const [rebacUrl, gatewayUrl] = urls === undefined ? databases.map(({ url }) => url) : [urls.rebac, urls.gateway]
    const environment = { NEXUS_DATA_DIR: dataDir, NEXUS_LOG_LEVEL: 'silent', NEXUS_PORT: '0' }
    const first = readRebacConfig({ ...environment, REBAC_LISTEN: '127.0.0.1:0', REBAC_DATABASE_URL: rebacUrl })
    const rebac = await startRebac(first)
    const configs = {
      // The service comes back where it was.
      rebac: readRebacConfig({ ...environment, REBAC_LISTEN: rebac.address, REBAC_DATABASE_URL: rebacUrl }),
      gateway: readGatewayConfig({
        ...environment,
        NEXUS_DATABASE_URL: gatewayUrl,
        NEXUS_REBAC_ADDRESS: rebac.address,
        ...settings,
      }),
    }
    const other = twoServices === true ? await startRebac(first) : undefined
    const address = other?.address ?? rebac.address
    const open = () => openGateway(configs.gateway, faults)
    const openSecond = () => openGateway({ ...configs.gateway, rebac: { ...configs.gateway.rebac, address } }, faults)
    const gateways = twoGateways === true ? await Promise.all([open(), openSecond()]) : ([await open()] as const)
    return new TestSystem(configs, faults, gateways, rebac, async () => {
      await other?.close()
      await Promise.all(databases.map((database) => database.drop()))
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    })
  }

  get url(): string {
    return this.#gateway.running.url
  }

  get db(): GatewayDatabase {
    return this.#gateway.db
  }

  /** host:port of the permission service. */
  get rebacAddress(): string {
    return this.#configs.rebac.listen.text
  }

  get permissions(): PermissionService {
    return this.#gateway.permissions
  }

  /** A client with a new key. */
  async as(user: string, facts: Partial<KeyRecord> = {}): Promise<GatewayClient> {
    const { key } = await this.makeKey(user, facts)
    return this.client(key)
  }

  async makeKey(
    user: string,
    facts: Partial<KeyRecord> = {},
  ): Promise<{ readonly key: string; readonly keyId: string }> {
    const tenant = facts.tenant ?? 'acme'
    const subjectType = facts.subjectType ?? 'user'
    const subjectId = facts.subjectId ?? user
    const key = makeKey({ tenant, subjectType, subjectId })
    const keyId = `key-${++this.#keys}`
    await this.db.write('createKey', {
      keyId,
      keyHash: hashKey(key),
      tenant,
      userId: user,
      subjectType,
      subjectId,
      name: 'test',
      isAdmin: false,
      isGlobalAdmin: false,
      inheritPermissions: false,
      createdAt: Date.now(),
      expiresAt: null,
      revokedAt: null,
      ...facts,
    })
    return { key, keyId }
  }

  /** As an administrator would. */
  async revokeKey(keyId: string): Promise<void> {
    const now = Date.now()
    const row = { entryId: uuidv7(), at: now, actor: 'test', keyId: null, requestId: 'test', path: null, detail: null }
    const audit = { ...row, tenant: 'acme', action: 'admin_revoke_key', outcome: 'ok' } as const
    await this.db.write('withdrawKey', { keyId, now, audit })
  }

  client(key: string | null, headers: Readonly<Record<string, string>> = {}): GatewayClient {
    return new GatewayClient(this.url, key, headers)
  }

  /** As `client`, of the second gateway. */
  secondClient(key: string | null, headers: Readonly<Record<string, string>> = {}): GatewayClient {
    if (this.#second === undefined) throw new Error('there is one gateway')
    return new GatewayClient(this.#second.running.url, key, headers)
  }

  async makeAgent(
    agentId: string,
    options: { readonly inherits?: boolean; readonly tenant?: string } = {},
  ): Promise<void> {
    const [user = '', name = ''] = agentId.split(',')
    const { inherits = false, tenant = 'acme' } = options
    const facts = {
      tenant,
      agentId,
      userId: user,
      name,
      description: null,
      metadata: {},
      configPath: `/tenant:${tenant}/user:${user}/agent/${name}/config.yaml`,
      createdAt: 1,
    }
    await this.db.write('putAgent', { ...facts, inheritPermissions: inherits })
    if (inherits) await this.#inherit(tenant, agentId, user)
  }

  /** The audit trail of a tenant, in its order. */
  auditOf(tenant: string): Promise<readonly AuditLine[]> {
    return this.db.read(() =>
      all<AuditLine>('select actor, action, path, outcome from audit where tenant = $1 order by at, entry_id', tenant),
    )
  }

  async #inherit(tenant: string, agentId: string, owner: string): Promise<void> {
    const relationship = {
      objectType: 'agent',
      objectId: agentId,
      relation: 'inherits_from',
      subject: { tenant: '', type: 'user', id: owner, relation: '' },
      expiresAt: null,
      attributes: null,
      conditionName: '',
      conditionContext: null,
    }
    const operations = [{ kind: 'touch', relationship }] as const
    await this.permissions.write({ tenant, operations, idempotencyKey: null, deadline: Date.now() + 5_000 })
  }

  /** The same data, a new gateway, at another address. @param changed of its settings, until it is started again */
  async restartGateway(changed: Partial<GatewayConfig> = {}): Promise<void> {
    await this.#gateway.running.close()
    this.#gateway = await openGateway({ ...this.#configs.gateway, ...changed }, this.#faults)
  }

  /** As restartGateway; in between somebody has the database alone. */
  async whileAway(task: (db: GatewayDatabase) => Promise<void>): Promise<void> {
    await this.#gateway.running.close()
    const db = await openGatewayDatabase({ url: this.#configs.gateway.databaseUrl })
    try {
      await task(db)
    } finally {
      await db.close()
    }
    this.#gateway = await openGateway(this.#configs.gateway, this.#faults)
  }

  async stopRebac(): Promise<void> {
    await this.#rebac?.close()
    this.#rebac = undefined
  }

  async startRebac(): Promise<void> {
    this.#rebac = await startRebac(this.#configs.rebac)
  }

  /** Closes the gateway alone, as a signal does. */
  closeGateway(): Promise<void> {
    return this.#gateway.running.close()
  }

  async close(): Promise<void> {
    await this.#gateway.running.close()
    await this.#second?.running.close()
    await this.stopRebac()
    await this.#dispose()
  }
}

async function openGateway(config: GatewayConfig, faults: GatewayFaults): Promise<Gateway> {
  const registry = createRegistry('gateway')
  const logger = createLogger('test', 'silent')
  const observer = databaseMetrics(registry, 'gateway', () => 0)
  const db = await openGatewayDatabase({ url: config.databaseUrl, observer })
  const { permissions: between = (inner) => inner, ...rest } = faults
  const permissions = between(connectPermissions({ ...config.rebac, logger, registry }))
  const running = await startGateway(config, { db, permissions, logger, registry, ...rest })
  await running.provisioned
  return { running, db, permissions }
}

async function twoDatabases(given: string | undefined) {
  const server = given ?? (await startPostgres(() => undefined)).url
  return [await createDatabase(server), await createDatabase(server)]
}
