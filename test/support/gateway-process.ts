import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { readGatewayConfig } from '../../gateway/config/gateway-config.ts'
import { makeKey } from '../../gateway/keys/key-format.ts'
import { hashKey } from '../../gateway/keys/key-format.ts'
import type { KeyRecord } from '../../gateway/keys/key-record.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { type GatewayDatabase, openGatewayDatabase } from '../../gateway/store/open-store.ts'
import { createLogger } from '../../services/common/log.ts'
import { createRegistry, databaseMetrics } from '../../services/common/metrics/metrics.ts'
import { readRebacConfig } from '../../services/rebac/config/rebac-config.ts'
import { type RunningRebac, startRebac } from '../../services/rebac/server.ts'
import { GatewayClient } from './gateway-client.ts'
import { createDatabase } from './postgres.ts'

export type Engine = 'sqlite' | 'postgres'
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres']

export interface SystemOptions {
  readonly engine: Engine
  /** Settings of the gateway besides those that make it find its parts. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Gateway and permission service in this process, on databases of their own. */
export class TestSystem {
  readonly gateway: RunningGateway
  readonly db: GatewayDatabase
  readonly #environment: Readonly<Record<string, string>>
  readonly #dispose: () => Promise<void>
  #rebac: RunningRebac | undefined
  #keys = 0

  private constructor(
    gateway: RunningGateway,
    db: GatewayDatabase,
    rebac: RunningRebac,
    environment: Readonly<Record<string, string>>,
    dispose: () => Promise<void>,
  ) {
    this.gateway = gateway
    this.db = db
    this.#rebac = rebac
    this.#environment = environment
    this.#dispose = dispose
  }

  static async start(options: SystemOptions): Promise<TestSystem> {
    const dataDir = await mkdtemp(join(tmpdir(), 'nexus-gateway-'))
    const databases = options.engine === 'sqlite' ? [] : await twoDatabases()
    const [rebacDatabase, gatewayDatabase] = databases
    const base = { NEXUS_DATA_DIR: dataDir, NEXUS_LOG_LEVEL: 'silent', NEXUS_PORT: '0' }
    const rebacEnvironment = { ...base, ...(rebacDatabase === undefined ? {} : { REBAC_DATABASE_URL: rebacDatabase.url }) }
    const rebac = await startRebac(readRebacConfig({ ...rebacEnvironment, REBAC_LISTEN: '127.0.0.1:0' }))
    const config = readGatewayConfig({
      ...base,
      ...(gatewayDatabase === undefined ? {} : { NEXUS_DATABASE_URL: gatewayDatabase.url }),
      NEXUS_REBAC_ADDRESS: rebac.address,
      ...options.settings,
    })
    const registry = createRegistry('gateway')
    const observer = databaseMetrics(registry, 'gateway', () => 0)
    const db = await openGatewayDatabase({ url: config.databaseUrl, observer })
    const logger = createLogger('test', 'silent')
    const gateway = await startGateway(config, { db, logger, registry })
    await gateway.provisioned
    return new TestSystem(gateway, db, rebac, { ...rebacEnvironment, REBAC_LISTEN: rebac.address }, async () => {
      await Promise.all(databases.map((database) => database.drop()))
      await rm(dataDir, { recursive: true, force: true })
    })
  }

  /** A client with a key of its own. Administrators are made by `isAdmin`. */
  async as(user: string, facts: Partial<KeyRecord> = {}): Promise<GatewayClient> {
    const { key } = await this.makeKey(user, facts)
    return this.client(key)
  }

  async makeKey(user: string, facts: Partial<KeyRecord> = {}): Promise<{ readonly key: string; readonly keyId: string }> {
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

  client(key: string | null, headers: Readonly<Record<string, string>> = {}): GatewayClient {
    return new GatewayClient(this.gateway.url, key, headers)
  }

  async stopRebac(): Promise<void> {
    await this.#rebac?.close()
    this.#rebac = undefined
  }

  async startRebac(): Promise<void> {
    this.#rebac = await startRebac(readRebacConfig(this.#environment))
  }

  async close(): Promise<void> {
    await this.gateway.close()
    await this.stopRebac()
    await this.#dispose()
  }
}

async function twoDatabases() {
  const server = inject('postgresUrl')
  return [await createDatabase(server), await createDatabase(server)] as const
}
