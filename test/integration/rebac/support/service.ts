import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll } from 'vitest'
import type { Environment } from '../../../../services/common/config/settings.ts'
import { readRebacConfig } from '../../../../services/rebac/config/rebac-config.ts'
import { type RebacOverrides, type RunningRebac, startRebac } from '../../../../services/rebac/server.ts'
import { TestClient } from './client.ts'

export const SECRET = 'gateway-secret-0123456789'

/** A service with a client that may do everything. */
export interface TestService extends RunningRebac {
  readonly client: TestClient
  /** Another client of the same service. */
  connect(secret: string | null): TestClient
}

/** Makes services for the tests of one file; all of it goes with the file. */
export function servicesForSuite() {
  const closers: (() => Promise<void> | void)[] = []
  afterAll(async () => {
    for (const close of closers.toReversed()) await close()
  })

  const makeFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-rebac-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  const start = async (environment: Environment = {}, overrides: RebacOverrides = {}): Promise<TestService> => {
    const config = readRebacConfig({
      NEXUS_DATA_DIR: environment['NEXUS_DATA_DIR'] ?? (await makeFolder()),
      REBAC_LISTEN: '127.0.0.1:0',
      REBAC_TOKENS: `gateway:${SECRET}`,
      ...environment,
    })
    const running = await startRebac(config, { logger: pino({ level: 'silent' }), drainMs: 2_000, ...overrides })
    closers.push(() => running.close())
    const connect = (secret: string | null) => {
      const client = new TestClient(running.address, secret)
      closers.push(() => client.close())
      return client
    }
    return { ...running, client: connect(SECRET), connect }
  }
  return { start, makeFolder, defer: (close: () => Promise<void> | void) => closers.push(close) }
}
