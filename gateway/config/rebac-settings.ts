import { readFileSync } from 'node:fs'
import { isLoopback, type SettingsReader } from '../../services/common/config/settings.ts'
import { loadOrCreateSharedSecret, type SharedConfig } from '../../services/common/config/shared-config.ts'
import { describeError } from '../../services/common/errors/nexus-error.ts'

/** How the gateway reaches the permission service. */
export interface RebacSettings {
  /** HOST:PORT, or dns:///NAME:PORT to balance over replicas. */
  readonly address: string
  readonly token: string
  /** PEM; null: the system's certificate authorities. */
  readonly ca: Buffer | null
  /** No TLS: on this machine, or where NEXUS_REBAC_PLAINTEXT=1 says that the network is private. */
  readonly plaintext: boolean
  readonly consistency: Consistency
}

/** How fresh permissions are if a request does not say (decisions, section 4). */
export type Consistency = 'fully_consistent' | 'minimize_latency'

export type UnfinishedRebacSettings = Omit<RebacSettings, 'token'> & { readonly token: string | undefined }

/** Adds what is wrong to the problems of `settings`. */
export function readRebacSettings(settings: SettingsReader, shared: SharedConfig): UnfinishedRebacSettings {
  const address = settings.text('NEXUS_REBAC_ADDRESS') ?? '127.0.0.1:50051'
  const host = hostOf(address)
  if (host === undefined)
    settings.problems.push(`NEXUS_REBAC_ADDRESS is "${address}" but must be HOST:PORT or dns:///NAME:PORT.`)
  const token = settings.secret('NEXUS_REBAC_TOKEN')
  if (shared.production && token === undefined) {
    settings.problems.push(
      'NEXUS_REBAC_TOKEN (or NEXUS_REBAC_TOKEN_FILE) must be set in production: one of the secrets of REBAC_TOKENS.',
    )
  }
  const ca = readCa(settings)
  const allowed = settings.flag('NEXUS_REBAC_PLAINTEXT', false)
  const local = host !== undefined && isLoopback(host)
  if (host !== undefined && ca === null && !local && !allowed) {
    settings.problems.push(
      'NEXUS_REBAC_ADDRESS is on another machine: set NEXUS_REBAC_CA for TLS, or NEXUS_REBAC_PLAINTEXT=1 on a private network.',
    )
  }
  return {
    address,
    token,
    ca,
    plaintext: ca === null,
    consistency: settings.choice('NEXUS_CONSISTENCY', ['fully_consistent', 'minimize_latency'], 'fully_consistent'),
  }
}

/** Fills in the secret that development makes for itself; called when everything else is known to be right. */
export function finishRebacSettings(settings: UnfinishedRebacSettings, shared: SharedConfig): RebacSettings {
  return { ...settings, token: settings.token ?? loadOrCreateSharedSecret(shared.dataDir) }
}

function readCa(settings: SettingsReader): Buffer | null {
  const file = settings.text('NEXUS_REBAC_CA')
  if (file === undefined) return null
  try {
    return readFileSync(file)
  } catch (error) {
    settings.problems.push(`NEXUS_REBAC_CA cannot be read: ${describeError(error)}.`)
    return null
  }
}

function hostOf(address: string): string | undefined {
  const match = /^(?:dns:\/\/\/|ipv[46]:)?(\[[0-9a-f:]+\]|[^:\s/]+):(\d{1,5})$/i.exec(address)
  return Number(match?.[2]) <= 65_535 ? match?.[1] : undefined
}
