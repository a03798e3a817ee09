import type { Subject } from '../../services/common/gen/nexus/rebac/v1/relationship.ts'
import type { PermissionSubject } from './contract.ts'

const WILDCARD = '*'

/** A subject for the wire. The any-subject form is type and id "*". */
export function toWireSubject({ tenant, type, id, relation }: PermissionSubject): Subject {
  if (type === WILDCARD) return { tenant, kind: { $case: 'any', value: {} } }
  if (id === WILDCARD) return { tenant, kind: { $case: 'wildcard', value: { type } } }
  if (relation === '') return { tenant, kind: { $case: 'object', value: { type, id } } }
  return { tenant, kind: { $case: 'userset', value: { type, id, relation } } }
}

/** A subject from the wire. */
export function fromWireSubject(subject: Subject | undefined): PermissionSubject {
  const tenant = subject?.tenant ?? ''
  const kind = subject?.kind
  switch (kind?.$case) {
    case 'object':
      return { tenant, type: kind.value.type, id: kind.value.id, relation: '' }
    case 'userset':
      return { tenant, type: kind.value.type, id: kind.value.id, relation: kind.value.relation }
    case 'wildcard':
      return { tenant, type: kind.value.type, id: WILDCARD, relation: '' }
    case 'any':
      return { tenant, type: WILDCARD, id: WILDCARD, relation: '' }
    default:
      return { tenant, type: '', id: '', relation: '' }
  }
}
