import { NexusError } from '../../../common/errors/nexus-error.ts'

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/

/** @throws NexusError INVALID_TENANT */
export function parseTenant(tenant: string, field = 'tenant'): string {
  if (TENANT.test(tenant)) return tenant
  if (tenant === '') throw new NexusError('INVALID_TENANT', `${field} is missing.`)
  throw new NexusError('INVALID_TENANT', `${field} must match [a-z0-9][a-z0-9_-]{0,62}.`)
}
