import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { GenericContainer, Network, type StartedNetwork, type StartedTestContainer, Wait } from 'testcontainers'
import { auditLog } from '../waves/system/log-audit.ts'
import { IMAGES, POSTGRES_IMAGE } from './images.ts'

const execute = promisify(execFile)
const START_LIMIT_MS = 120_000

/** Gateway and permission service in containers of their own, with demo data. */
export interface Stack extends AsyncDisposable {
  url(): string
  metricsUrls(): readonly string[]
  readonly rebac: StartedTestContainer
  readonly gateway: StartedTestContainer
  /** Stops both and starts them again, on the same data; their ports may change. */
  restart(): Promise<void>
  /** What the logs hold that they should not. */
  auditLogs(): Promise<string[]>
}

/** The name of PostgreSQL on the stack's network. */
const POSTGRES_ALIAS = 'postgres'

/** Each process on a SQLite file in a volume of its own. */
export async function sqliteStack(): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack()
  const network = cleanup.adopt(await new Network().start(), (started) => started.stop().then(() => undefined))
  const stack = await startProcesses(network, {}, {}, cleanup)
  return { ...stack, [Symbol.asyncDispose]: closeLater(cleanup.move()) }
}

/** Both on one PostgreSQL server, in two databases. */
export async function postgresStack(): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack()
  const network = cleanup.adopt(await new Network().start(), (started) => started.stop().then(() => undefined))
  const server = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withNetwork(network)
    .withNetworkAliases(POSTGRES_ALIAS)
    .start()
  cleanup.defer(() => server.stop().then(() => undefined))
  for (const name of ['rebac', 'gateway']) {
    const made = await server.exec(['createdb', '-U', server.getUsername(), name])
    if (made.exitCode !== 0) throw new Error(`createdb ${name}: ${made.output}`)
  }
  const url = (name: string): string =>
    `postgres://${server.getUsername()}:${server.getPassword()}@${POSTGRES_ALIAS}:5432/${name}`
  const databases = [{ REBAC_DATABASE_URL: url('rebac') }, { NEXUS_DATABASE_URL: url('gateway') }] as const
  const stack = await startProcesses(network, ...databases, cleanup)
  return { ...stack, [Symbol.asyncDispose]: closeLater(cleanup.move()) }
}

async function startProcesses(
  network: StartedNetwork,
  rebacSettings: Record<string, string>,
  gatewaySettings: Record<string, string>,
  cleanup: AsyncDisposableStack,
): Promise<Omit<Stack, typeof Symbol.asyncDispose>> {
  const shared = {
    NEXUS_ENV: 'development',
    NEXUS_REBAC_PLAINTEXT: '1',
    NEXUS_REBAC_TOKEN: randomBytes(24).toString('hex'),
  }
  const rebac = await new GenericContainer(IMAGES.rebac)
    .withNetwork(network)
    .withNetworkAliases('rebac')
    .withEnvironment({ ...shared, ...rebacSettings })
    .withExposedPorts(9464)
    .withWaitStrategy(Wait.forHealthCheck().withStartupTimeout(START_LIMIT_MS))
    .start()
  cleanup.defer(() => rebac.stop().then(() => undefined))
  const gateway = await new GenericContainer(IMAGES.gateway)
    .withNetwork(network)
    .withEnvironment({ ...shared, NEXUS_DEMO: '1', NEXUS_REBAC_ADDRESS: 'rebac:50051', ...gatewaySettings })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHealthCheck().withStartupTimeout(START_LIMIT_MS))
    .start()
  cleanup.defer(() => gateway.stop().then(() => undefined))
  const url = (): string => `http://${gateway.getHost()}:${gateway.getMappedPort(8080)}`
  return {
    rebac,
    gateway,
    url,
    metricsUrls: () => [`${url()}/metrics`, `http://${rebac.getHost()}:${rebac.getMappedPort(9464)}/metrics`],
    restart: async () => {
      await rebac.restart({ timeout: 20_000 })
      await gateway.restart({ timeout: 20_000 })
    },
    auditLogs: async () => [...(await auditContainer('rebac', rebac)), ...(await auditContainer('gateway', gateway))],
  }
}

async function auditContainer(name: string, container: StartedTestContainer): Promise<string[]> {
  // The log through the API of Testcontainers goes on for as long as the container runs.
  const { stdout, stderr } = await execute('docker', ['logs', container.getId()], { maxBuffer: 64 * 1_048_576 })
  return auditLog(name, `${stdout}${stderr}`)
}

function closeLater(stack: AsyncDisposableStack): () => Promise<void> {
  return () => stack.disposeAsync()
}
