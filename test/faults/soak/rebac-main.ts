import { runProcess } from '../../../services/common/process/run-process.ts'
import { readRebacConfig } from '../../../services/rebac/config/rebac-config.ts'
import { startRebac } from '../../../services/rebac/server.ts'
import { collectOften } from './collect-often.ts'
import { HOUSEKEEPING } from './times.ts'

collectOften()

/** The permission service with a retention of a minute in place of a day and a week. */
await runProcess(
  () => readRebacConfig(process.env),
  (config) => startRebac(config, { housekeeping: HOUSEKEEPING }),
)
