import { totalmem } from 'node:os'
import { type Address, type Environment, SettingsReader } from '../common/config/settings.ts'

/** The key of the demo's administrator; the same as in the original demo, so that its clients need no change. */
const DEMO_ADMIN_KEY = 'sk-default_admin_dddddddd_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'

const MIB = 1_048_576

/** A process of the system, as the launcher starts it. */
export interface ChildSettings {
  readonly name: 'rebac' | 'gateway'
  readonly entry: string
  /** Heap limit in MiB. */
  readonly heapMb: number
  /** What it listens on, and the setting that changes it. */
  readonly listen: Address
  readonly listenSetting: string
}

export interface LauncherSettings {
  /** False if something is wrong here: the processes read the same settings, and list all that is wrong with them. */
  readonly valid: boolean
  readonly environment: Environment
  /** In the order of their start; they stop in the reverse order. */
  readonly children: readonly ChildSettings[]
  readonly url: string
  /** null: not the demo. */
  readonly adminKey: string | null
  readonly dataDir: string
}

/** What the launcher gives to both processes: their own environment, with the demo switched on in development. */
export function readLauncherSettings(own: Environment): LauncherSettings {
  const settings = new SettingsReader(own)
  const production = own['NEXUS_ENV'] === 'production'
  const demo = settings.flag('NEXUS_DEMO', !production)
  const host = settings.text('NEXUS_HOST') ?? '127.0.0.1'
  const port = settings.integer('NEXUS_PORT', 8080, { min: 0, max: 65_535 })
  const rebacListen = settings.address('REBAC_LISTEN', '127.0.0.1:50051')
  const valid = settings.problems.length === 0
  const memoryMb = availableMemoryMb()
  const defaults = {
    NEXUS_DEMO: demo ? '1' : '0',
    NEXUS_REBAC_ADDRESS: settings.text('NEXUS_REBAC_ADDRESS') ?? reachable(rebacListen),
  }
  return {
    valid,
    environment: { ...own, ...(valid ? defaults : {}), NEXUS_LAUNCHED: '1' },
    children: [
      {
        name: 'rebac',
        entry: 'services/rebac/main.ts',
        heapMb: clamp(memoryMb * 0.45, 512, 32_768),
        listen: rebacListen,
        listenSetting: 'REBAC_LISTEN',
      },
      {
        name: 'gateway',
        entry: 'gateway/main.ts',
        heapMb: clamp(memoryMb * 0.2, 512, 8_192),
        listen: { host, port, text: `${host}:${port}` },
        listenSetting: 'NEXUS_PORT',
      },
    ],
    url: `http://${isAnyAddress(host) ? 'localhost' : host}:${port}`,
    adminKey: demo ? DEMO_ADMIN_KEY : null,
    dataDir: settings.text('NEXUS_DATA_DIR') ?? './data',
  }
}

/** What this process may use: of the machine, or of its container. */
function availableMemoryMb(): number {
  const constrained = process.constrainedMemory()
  return Math.min(totalmem(), constrained > 0 ? constrained : Number.POSITIVE_INFINITY) / MIB
}

/** Where a listener on all addresses is reached from this machine. */
function reachable(listen: Address): string {
  return isAnyAddress(listen.host) ? `127.0.0.1:${listen.port}` : listen.text
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '[::]'
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)))
}
