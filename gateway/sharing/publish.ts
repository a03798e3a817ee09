import { randomUUID } from 'node:crypto'
import type { CallContext } from '../context.ts'
import type { PermissionSubject } from '../permissions/contract.ts'
import type { ObjectName } from '../relationships/object-name.ts'
import { auditChange, requireOwner } from '../relationships/ownership.ts'
import { bareRow } from '../relationships/relationship-row.ts'
import type { SharesOptions } from './shares.ts'

/** Held by everybody, it opens an object to every authenticated subject of every tenant. */
const PUBLIC = 'public_discoverable'
const EVERYBODY: PermissionSubject = { tenant: '', type: '*', id: '*', relation: '' }

/** Makes an object public; the id of the relationship that does. @throws NexusError ACCESS_DENIED */
export async function makePublic(options: SharesOptions, context: CallContext, object: ObjectName): Promise<string> {
  await requireOwner(options, context, 'make_public', object)
  const { written } = await options.permissions.write({
    tenant: object.graph,
    operations: [{ kind: 'touch', relationship: bareRow(object, PUBLIC, EVERYBODY) }],
    idempotencyKey: randomUUID(),
    deadline: context.scope.deadline,
  })
  const [stored] = written
  if (stored === undefined) throw new Error('the permission service did not say what it stored')
  await auditChange(options, context, 'make_public', object, {})
  return stored.id
}

/** Ends that; false if it was not public. @throws NexusError ACCESS_DENIED */
export async function makePrivate(options: SharesOptions, context: CallContext, object: ObjectName): Promise<boolean> {
  await requireOwner(options, context, 'make_private', object)
  const { deletedCount } = await options.permissions.deleteMatching({
    tenant: object.graph,
    filter: { objectType: object.type, objectId: object.id, relations: [PUBLIC], subjectType: '*', subjectId: '*' },
    idempotencyKey: randomUUID(),
    deadline: context.scope.deadline,
  })
  if (deletedCount > 0) await auditChange(options, context, 'make_private', object, {})
  return deletedCount > 0
}
