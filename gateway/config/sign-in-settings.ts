import type { SettingsReader } from '../../services/common/config/settings.ts'
import type { SharedConfig } from '../../services/common/config/shared-config.ts'

const HOUR_MS = 3_600_000

/** How people with passwords are let in. */
export interface SignInSettings {
  /** The tenant of those who register; null: nobody may. */
  readonly registrationTenant: string | null
  /** How long a session goes on, in milliseconds. */
  readonly sessionMs: number
}

/** Adds what is wrong to the problems of `settings`. */
export function readSignInSettings(settings: SettingsReader, shared: SharedConfig): SignInSettings {
  const policy = settings.choice('NEXUS_REGISTRATION', ['open', 'closed'], shared.production ? 'closed' : 'open')
  const tenant = settings.text('NEXUS_REGISTRATION_TENANT') ?? 'default'
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant)) {
    settings.problems.push(
      `NEXUS_REGISTRATION_TENANT is "${tenant}" but must be 1 to 63 of a-z, 0-9, "_", "-", and begin with a letter or digit.`,
    )
  }
  return {
    registrationTenant: policy === 'open' ? tenant : null,
    sessionMs: settings.integer('NEXUS_SESSION_HOURS', 24, { min: 1, max: 8_760 }) * HOUR_MS,
  }
}
