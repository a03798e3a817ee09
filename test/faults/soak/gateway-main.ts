import { runProcess } from '../../../services/common/process/run-process.ts'
import { readGatewayConfig } from '../../../gateway/config/gateway-config.ts'
import { startGateway } from '../../../gateway/server.ts'
import { collectOften } from './collect-often.ts'
import { CONTENTS } from './times.ts'

collectOften()

/** The gateway, which collects contents after seconds in place of minutes, and keeps few in memory. */
await runProcess(
  () => readGatewayConfig(process.env),
  (config) => startGateway(config, { contents: CONTENTS }),
)
