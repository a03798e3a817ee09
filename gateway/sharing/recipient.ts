import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { PermissionSubject } from '../permissions/contract.ts'

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/
const USER = /^[^,:/*\p{Cc}]{1,255}$/u

/**
 * Who a share is for. A name with a comma is an agent: its owner's id, a comma, a name.
 * @throws NexusError INVALID_PARAMS
 */
export function recipientOf(parameter: string, id: string): Pick<PermissionSubject, 'type' | 'id'> {
  const name = id.normalize('NFC')
  const [user = '', agent, ...more] = name.split(',')
  if (!USER.test(user) || more.length > 0 || (agent !== undefined && !USER.test(agent))) {
    throw new NexusError(
      'INVALID_PARAMS',
      `parameter '${parameter}' must be the id of a user, or of an agent (USER,NAME): without ":", "/" and "*"`,
    )
  }
  return { type: agent === undefined ? 'user' : 'agent', id: name }
}

/** @throws NexusError INVALID_PARAMS */
export function checkTenantName(parameter: string, tenant: string): void {
  if (TENANT.test(tenant)) return
  throw new NexusError(
    'INVALID_PARAMS',
    `parameter '${parameter}' must be 1 to 63 of a-z, 0-9, "_", "-", and begin with a letter or digit`,
  )
}
