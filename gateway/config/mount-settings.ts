import { isAbsolute, resolve } from 'node:path'
import type { SettingsReader } from '../../services/common/config/settings.ts'
import type { SharedConfig } from '../../services/common/config/shared-config.ts'
import type { ConnectorSettings, LocalRoot } from '../mounts/connectors/catalogue.ts'

export interface MountSettings extends ConnectorSettings {
  /** How long a back end that failed often is left alone, in milliseconds. */
  readonly pauseMs: number
  /** Larger contents are left in the back end by a synchronisation, in bytes. */
  readonly largestSynced: number
}

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/
const MIB = 1_048_576

/** What may be mounted, and how patient the gateway is with it. */
export function readMountSettings(settings: SettingsReader, { production }: SharedConfig): MountSettings {
  return {
    localRoots: readLocalRoots(settings),
    s3Endpoints: readEndpoints(settings, production),
    // It does not survive the process, and no other gateway has it.
    memory: !production,
    timeoutMs: settings.integer('NEXUS_MOUNT_TIMEOUT_MS', 5_000, { min: 10, max: 600_000 }),
    pauseMs: settings.integer('NEXUS_MOUNT_PAUSE_MS', 10_000, { min: 10, max: 3_600_000 }),
    largestSynced: settings.integer('NEXUS_MOUNT_SYNC_FILE_MB', 100, { min: 0, max: 1_048_576 }) * MIB,
  }
}

/** DIRECTORY or TENANT=DIRECTORY, separated by commas. */
function readLocalRoots(settings: SettingsReader): readonly LocalRoot[] {
  return listOf(settings.text('NEXUS_LOCAL_MOUNT_ROOTS')).flatMap((item) => {
    const [, tenant, path] = /^(?:([^=/]*)=)?(.*)$/.exec(item) ?? []
    if (path !== undefined && isAbsolute(path) && (tenant === undefined || TENANT.test(tenant))) {
      return [{ tenant: tenant ?? null, directory: resolve(path) }]
    }
    settings.problems.push(
      `NEXUS_LOCAL_MOUNT_ROOTS has "${item}" but its items must be absolute directories, or TENANT=DIRECTORY.`,
    )
    return []
  })
}

function readEndpoints(settings: SettingsReader, production: boolean): MountSettings['s3Endpoints'] {
  const items = listOf(settings.text('NEXUS_S3_MOUNT_ENDPOINTS') ?? (production ? '' : '*'))
  if (items.includes('*')) return 'any'
  return items.flatMap((item) => {
    const url = URL.parse(item)
    if (url !== null && ['http:', 'https:'].includes(url.protocol)) return [url.origin]
    settings.problems.push(
      `NEXUS_S3_MOUNT_ENDPOINTS has "${item}" but its items must be URLs such as http://minio:9000, or * for any.`,
    )
    return []
  })
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
