import { runProcess } from '../common/process/run-process.ts'
import { readRebacConfig } from './config/rebac-config.ts'
import { startRebac } from './server.ts'

await runProcess(() => readRebacConfig(process.env), startRebac)
