import { existsSync } from 'node:fs'

/** Adds what a `.env` file says, for development; what is set already stays. */
export function loadDotEnv(): void {
  if (process.env['NEXUS_ENV'] !== 'production' && existsSync('.env')) process.loadEnvFile('.env')
}
