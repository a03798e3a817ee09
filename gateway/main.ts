import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { runProcess } from '../services/common/process/run-process.ts'
import { readGatewayConfig } from './config/gateway-config.ts'
import { startGateway } from './server.ts'

/** Whoever started this process is told after this long that it runs, even if the permission service is not there yet. */
const PROVISIONING_PATIENCE_MS = 20_000

await runProcess(
  () => readGatewayConfig(process.env),
  async (config) => {
    const gateway = await startGateway(config)
    const settled = new AbortController()
    const { signal } = settled
    await Promise.race([
      gateway.provisioned,
      delay(PROVISIONING_PATIENCE_MS, undefined, { signal }).catch(() => undefined),
      ...['SIGTERM', 'SIGINT'].map((name) => once(process, name, { signal }).catch(() => undefined)),
    ])
    settled.abort()
    return gateway
  },
)
