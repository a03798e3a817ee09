import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { SettingsReader } from './settings.ts'

/** Settings that both processes read. */
export interface SharedConfig {
  readonly production: boolean
  /** Where the embedded default keeps everything. */
  readonly dataDir: string
  readonly logLevel: LogLevel
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export function readSharedConfig(settings: SettingsReader): SharedConfig {
  return {
    production: settings.choice('NEXUS_ENV', ['development', 'production'], 'development') === 'production',
    dataDir: settings.text('NEXUS_DATA_DIR') ?? './data',
    logLevel: settings.choice('NEXUS_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
  }
}

/** A database URL, or the embedded default in the data directory. */
export function readDatabaseUrl(settings: SettingsReader, name: string, shared: SharedConfig, file: string): string {
  const url = settings.secret(name) ?? `sqlite:${join(shared.dataDir, file)}`
  if (/^(sqlite:.|postgres(ql)?:\/\/.)/.test(url)) return url
  settings.problems.push(`${name} must start with sqlite: or postgres://.`)
  return url
}

/**
 * The secret that gateway and permission service share, made at the first start and kept in the data directory,
 * readable by its owner alone. Processes that start together agree on one.
 */
export function loadOrCreateSharedSecret(dataDir: string): string {
  const file = join(dataDir, 'rebac-token')
  mkdirSync(dataDir, { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, randomBytes(32).toString('base64url'))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}
