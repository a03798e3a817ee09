import { pino, type Logger } from 'pino'
import type { LogLevel } from './config/shared-config.ts'

export type { Logger }

/** Fields that never reach a log, at any depth that we log. */
const SECRET_FIELDS = [
  'authorization',
  '*.authorization',
  'headers.authorization',
  '*.api_key',
  '*.apiKey',
  '*.token',
  '*.secret',
  '*.password',
]

/** A process's root logger: JSON lines on standard error, so that standard output stays for people. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino(
    { name, level, redact: { paths: SECRET_FIELDS, censor: '[secret]' }, base: { name, pid: process.pid } },
    pino.destination({ dest: 2, sync: false }),
  )
}
