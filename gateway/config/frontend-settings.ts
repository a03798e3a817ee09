import { realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SettingsReader } from '../../services/common/config/settings.ts'

/** A single-page application that the gateway serves beside the API. */
export interface FrontendSettings {
  /** The directory of the build, without symbolic links. */
  readonly directory: string
  /** Sources that the page may connect to besides this server. */
  readonly connect: readonly string[]
}

const SOURCE = /^(?:https?|wss?):(?:\/\/[\w.*-]+(?::(?:\d+|\*))?)?$/

/** null: none is served. Adds what is wrong to the problems of `settings`. */
export function readFrontendSettings(settings: SettingsReader): FrontendSettings | null {
  const directory = settings.text('NEXUS_FRONTEND_DIR')
  const connect = settings.text('NEXUS_FRONTEND_CONNECT')?.split(/\s+/) ?? []
  for (const source of connect.filter((one) => !SOURCE.test(one))) {
    settings.problems.push(
      `NEXUS_FRONTEND_CONNECT has "${source}" but takes sources such as https://graph.example.org or wss: between spaces.`,
    )
  }
  if (directory === undefined) return null
  try {
    const real = realpathSync(directory)
    if (statSync(join(real, 'index.html')).isFile()) return { directory: real, connect }
  } catch {
    // Said below.
  }
  settings.problems.push(`NEXUS_FRONTEND_DIR is "${directory}" but there is no index.html in it.`)
  return null
}
