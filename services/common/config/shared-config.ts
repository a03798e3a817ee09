import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describeError, NexusError } from '../errors/nexus-error.ts'
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
 * @throws NexusError CONFIG_INVALID, STORAGE_FULL
 */
export function loadOrCreateSharedSecret(dataDir: string): string {
  const file = join(dataDir, 'rebac-token')
  try {
    if (!existsSync(file)) createSharedSecret(file)
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC'
    throw new NexusError(
      full ? 'STORAGE_FULL' : 'CONFIG_INVALID',
      `The shared secret ${file} cannot be read or made (${describeError(error)}): ${full ? 'the disk is full; make room' : 'check its directory (NEXUS_DATA_DIR)'}, or set NEXUS_REBAC_TOKEN.`,
      { cause: error },
    )
  }
}

/** Complete when it has its name; if two make it, the first one counts. */
function createSharedSecret(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true })
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
