import { join } from 'node:path'
import { type Environment, SettingsReader } from '../../services/common/config/settings.ts'
import { readDatabaseUrl, readSharedConfig, type SharedConfig } from '../../services/common/config/shared-config.ts'
import type { Quota } from '../files/commands/quota.ts'
import { MAX_PATH_BYTES } from '../files/paths.ts'
import { isKeyShaped } from '../keys/key-format.ts'
import { wellKnownKeys } from '../keys/well-known-keys.ts'
import type { CallLimits } from '../rpc/limits.ts'
import { type FrontendSettings, readFrontendSettings } from './frontend-settings.ts'
import { readSignInSettings, type SignInSettings } from './sign-in-settings.ts'
import { type MountSettings, readMountSettings } from './mount-settings.ts'
import { finishRebacSettings, readRebacSettings, type RebacSettings } from './rebac-settings.ts'

/** Everything that the gateway is told from outside. */
export interface GatewayConfig extends SharedConfig {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly databaseUrl: string
  /** file:DIRECTORY */
  readonly contentUrl: string
  readonly rebac: RebacSettings
  readonly signIn: SignInSettings
  /** null: no pages are served beside the API. */
  readonly frontend: FrontendSettings | null
  /** Makes the first global administrator, once. */
  readonly adminKey: string | null
  readonly demo: boolean
  /** Whether an administrator may do what no relationship grants. */
  readonly allowAdminBypass: boolean
  readonly maxBodyBytes: number
  /** How many bytes a file may have. */
  readonly maxFileBytes: number
  /** How long an unfinished upload is kept, in milliseconds. */
  readonly uploadExpiryMs: number
  readonly requestTimeoutMs: number
  /** How many calls may be in flight; one more is answered 429. */
  readonly maxInFlight: number
  readonly limits: CallLimits
  /** How many bytes of UTF-8 a path of something new may have. */
  readonly maxPathBytes: number
  /** How many components a path of something new may have. */
  readonly maxPathDepth: number
  /** How many searches in contents run at once. */
  readonly grepProcesses: number
  /** How much of a file's text is indexed for search, in bytes. */
  readonly searchTextBytes: number
  /** What each tenant may hold. */
  readonly quota: Quota
  /** How many versions of a file are kept. */
  readonly keptVersions: number
  /** How long the trash keeps what was deleted, in milliseconds. */
  readonly trashRetentionMs: number
  /** How long the audit trail keeps what was done, in milliseconds. */
  readonly auditRetentionMs: number
  readonly mounts: MountSettings
  /** As Express' `trust proxy`: number of proxies, addresses, or false. */
  readonly trustProxy: boolean | number | string
  /** What is unwise but not refused; told once at start. */
  readonly warnings: readonly string[]
}

const MIB = 1_048_576
const HOUR_MS = 3_600_000

/** @throws NexusError CONFIG_INVALID naming every wrong setting */
export function readGatewayConfig(environment: Environment): GatewayConfig {
  const settings = new SettingsReader(environment)
  const shared = readSharedConfig(settings)
  const rebac = readRebacSettings(settings, shared)
  const config = {
    ...shared,
    host: settings.text('NEXUS_HOST') ?? '127.0.0.1',
    port: settings.integer('NEXUS_PORT', 8080, { min: 0, max: 65_535 }),
    databaseUrl: readDatabaseUrl(settings, 'NEXUS_DATABASE_URL', shared, 'gateway.db'),
    contentUrl: readContentUrl(settings, shared),
    signIn: readSignInSettings(settings, shared),
    frontend: readFrontendSettings(settings),
    adminKey: readAdminKey(settings, shared),
    demo: readDemo(settings, shared),
    allowAdminBypass: settings.flag('NEXUS_ALLOW_ADMIN_BYPASS', true),
    maxBodyBytes: settings.integer('NEXUS_MAX_BODY_MB', 64, { min: 1, max: 512 }) * MIB,
    maxFileBytes: settings.integer('NEXUS_MAX_FILE_MB', 10_240, { min: 1, max: 1_048_576 }) * MIB,
    uploadExpiryMs: settings.integer('NEXUS_UPLOAD_HOURS', 24, { min: 1, max: 8_760 }) * HOUR_MS,
    requestTimeoutMs: settings.integer('NEXUS_REQUEST_TIMEOUT_MS', 10_000, { min: 100, max: 600_000 }),
    maxInFlight: settings.integer('NEXUS_MAX_IN_FLIGHT', 4_096, { min: 1, max: 1_000_000 }),
    limits: {
      batch: settings.integer('NEXUS_MAX_BATCH', 1_000, { min: 1, max: 100_000 }),
      listPage: settings.integer('NEXUS_MAX_LIST_PAGE', 10_000, { min: 1, max: 1_000_000 }),
      grepResults: settings.integer('NEXUS_MAX_GREP_RESULTS', 10_000, { min: 1, max: 1_000_000 }),
      globPatterns: settings.integer('NEXUS_MAX_GLOB_PATTERNS', 100, { min: 1, max: 10_000 }),
      globResults: settings.integer('NEXUS_MAX_GLOB_RESULTS', 1_000_000, { min: 1, max: 10_000_000 }),
    },
    maxPathBytes: settings.integer('NEXUS_MAX_PATH_BYTES', MAX_PATH_BYTES, { min: 256, max: MAX_PATH_BYTES }),
    maxPathDepth: settings.integer('NEXUS_MAX_PATH_DEPTH', 256, { min: 8, max: 512 }),
    grepProcesses: settings.integer('NEXUS_GREP_PROCESSES', 4, { min: 1, max: 256 }),
    searchTextBytes: settings.integer('NEXUS_SEARCH_TEXT_KB', 256, { min: 0, max: 256 }) * 1_024,
    quota: {
      files: settings.integer('NEXUS_TENANT_MAX_FILES', 0, { min: 0, max: Number.MAX_SAFE_INTEGER }) || null,
      bytes: settings.integer('NEXUS_TENANT_MAX_BYTES', 0, { min: 0, max: Number.MAX_SAFE_INTEGER }) || null,
    },
    keptVersions: settings.integer('NEXUS_KEPT_VERSIONS', 1_000, { min: 1, max: 1_000_000 }),
    trashRetentionMs: settings.integer('NEXUS_TRASH_HOURS', 720, { min: 1, max: 876_000 }) * HOUR_MS,
    auditRetentionMs: settings.integer('NEXUS_AUDIT_DAYS', 365, { min: 1, max: 36_500 }) * 24 * HOUR_MS,
    mounts: readMountSettings(settings, shared),
    trustProxy: readTrustProxy(settings),
  }
  settings.finish()
  return { ...config, rebac: finishRebacSettings(rebac, shared), warnings: warningsOf(config) }
}

/** file:DIRECTORY; by default in the data directory. */
export function readContentUrl(settings: SettingsReader, shared: SharedConfig): string {
  const url = settings.text('NEXUS_CONTENT_URL') ?? `file:${join(shared.dataDir, 'content')}`
  if (!/^file:./.test(url))
    settings.problems.push(`NEXUS_CONTENT_URL is "${url}" but must start with file: (a directory).`)
  return url
}

function readAdminKey(settings: SettingsReader, shared: SharedConfig): string | null {
  const key = settings.secret('NEXUS_ADMIN_KEY')
  if (key === undefined) return null
  if (!isKeyShaped(key)) {
    settings.problems.push(
      'NEXUS_ADMIN_KEY must start with "sk-" and have 32 to 256 printable characters without spaces.',
    )
  } else if (shared.production && wellKnownKeys.has(key)) {
    settings.problems.push('NEXUS_ADMIN_KEY is a key of the demo, which everybody knows: choose another in production.')
  }
  return key
}

function readDemo(settings: SettingsReader, shared: SharedConfig): boolean {
  const demo = settings.flag('NEXUS_DEMO', false)
  if (demo && shared.production) {
    settings.problems.push('NEXUS_DEMO=1 makes accounts whose keys everybody knows: production refuses it.')
  }
  return demo
}

function readTrustProxy(settings: SettingsReader): boolean | number | string {
  const text = settings.text('NEXUS_TRUST_PROXY')
  if (text === undefined || text === '0' || text === 'false') return false
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  if (/^[\w.:/, -]+$/.test(text) && text !== 'true') return text
  settings.problems.push(
    `NEXUS_TRUST_PROXY is "${text}" but must be the number of proxies in front, or their addresses (loopback, 10.0.0.0/8, ...).`,
  )
  return false
}

function warningsOf(config: { production: boolean; databaseUrl: string }): string[] {
  if (!config.production || !config.databaseUrl.startsWith('sqlite:')) return []
  return [
    'NEXUS_ENV=production runs on SQLite: one gateway process on one machine, no replica, no failover. Set NEXUS_DATABASE_URL=postgres://... for production.',
  ]
}
