import { readGatewayConfig } from '../../../../gateway/config/gateway-config.ts'
import { connectPermissions } from '../../../../gateway/permissions/rebac-permissions.ts'
import { startGateway } from '../../../../gateway/server.ts'
import { createLogger } from '../../../../services/common/log.ts'
import { createRegistry } from '../../../../services/common/metrics/metrics.ts'
import type { GatewayOrder, GatewayState } from './gateway-under-test.ts'
import { RememberingPermissions } from './remembering-permissions.ts'

/** A gateway in a process of its own, whose permission work can be turned off by a message. */
const config = readGatewayConfig(process.env)
const logger = createLogger('gateway', config.logLevel)
const registry = createRegistry('gateway')
const permissions = new RememberingPermissions(connectPermissions({ ...config.rebac, logger, registry }))
const gateway = await startGateway(config, { permissions, logger, registry })
await gateway.provisioned

process.on('message', ({ fromMemory }: GatewayOrder) => {
  permissions.fromMemory = fromMemory
  tell()
})
process.once('disconnect', () => void gateway.close())
tell()

function tell(): void {
  const state: GatewayState = { url: gateway.url, asked: permissions.asked }
  process.send?.(state)
}
