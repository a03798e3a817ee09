import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Subject as WireSubject } from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import { ANY_SUBJECT_TYPE, type Subject, WILDCARD_ID } from '../../model/relationship.ts'
import { parseTenant } from './tenant.ts'

/**
 * A subject of a request of this tenant. Names are checked later, against the schema or on their own.
 * @throws NexusError INVALID_SUBJECT, INVALID_TENANT
 */
export function parseSubject(subject: WireSubject | undefined, ownTenant: string): Subject {
  const kind = subject?.kind
  if (subject === undefined || kind === undefined) throw new NexusError('INVALID_SUBJECT', 'The subject is not set.')
  const tenant = foreignTenant(subject.tenant, ownTenant)
  switch (kind.$case) {
    case 'object':
      requirePlainId(kind.value.id)
      return { tenant, type: kind.value.type, id: kind.value.id, relation: '' }
    case 'wildcard':
      return { tenant, type: kind.value.type, id: WILDCARD_ID, relation: '' }
    case 'any':
      return { tenant, type: ANY_SUBJECT_TYPE, id: WILDCARD_ID, relation: '' }
    default:
      requirePlainId(kind.value.id)
      if (kind.value.relation === '') throw new NexusError('INVALID_SUBJECT', 'The relation of the userset is empty.')
      return { tenant, type: kind.value.type, id: kind.value.id, relation: kind.value.relation }
  }
}

/** '' for the tenant of the request, however it was written. */
function foreignTenant(tenant: string, ownTenant: string): string {
  return tenant === '' || tenant === ownTenant ? '' : parseTenant(tenant, 'subject.tenant')
}

function requirePlainId(id: string): void {
  if (id !== WILDCARD_ID) return
  throw new NexusError('INVALID_SUBJECT', 'The subject id is "*"; a wildcard has a field of its own.')
}
