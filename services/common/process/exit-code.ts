import { NexusError } from '../errors/nexus-error.ts'
import type { ErrorReason } from '../errors/catalogue.ts'

const EXIT_CODES: Partial<Record<ErrorReason, number>> = {
  CONFIG_INVALID: 2,
  DATABASE_OWNED: 3,
  DATABASE_DAMAGED: 3,
  DATABASE_TOO_NEW: 3,
  MIGRATION_FAILED: 3,
}

/** How a program ends that could not start: 2 for a wrong setting, 3 for a database that cannot be used, else 1. */
export function exitCodeOf(error: unknown): number {
  return error instanceof NexusError ? (EXIT_CODES[error.reason] ?? 1) : 1
}
