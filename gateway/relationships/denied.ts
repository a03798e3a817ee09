import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { CallContext } from '../context.ts'
import type { ObjectName } from './object-name.ts'

/** The denial of a call that only the owner of an object may make; noted in the audit trail. */
export function denied(auditor: Auditor, context: CallContext, action: string, object: ObjectName): NexusError {
  const { caller } = context
  const name = object.type === 'file' ? object.id : `${object.type}:${object.id}`
  auditor.denied(context, action, name)
  return new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${caller.subject.id}' does not have OWNER permission for '${name}'`,
  )
}
