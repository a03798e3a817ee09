import { randomUUID } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { NewRelationshipRow, PermissionSubject } from '../permissions/contract.ts'
import type { ObjectName } from '../relationships/object-name.ts'
import { auditChange, requireOwner } from '../relationships/ownership.ts'
import { bareRow } from '../relationships/relationship-row.ts'
import { relationOf, SHARE_LEVELS, type ShareLevel } from './levels.ts'
import { namesItsTenant } from './resource.ts'
import type { SharesOptions } from './shares.ts'

export interface ShareFacts {
  readonly object: ObjectName
  /** `tenant` is '' for the tenant of the object. */
  readonly recipient: PermissionSubject
  readonly level: ShareLevel
  /** Milliseconds since 1970; null: for ever. */
  readonly expiresAt: number | null
}

/**
 * Shares an object at one level, which replaces the level and the expiry that it was shared with before. Answers the id
 * of the share, which stays the same while its level does.
 * @throws NexusError ACCESS_DENIED unless the caller owns the object, INVALID_PARAMS
 */
export async function share(options: SharesOptions, context: CallContext, facts: ShareFacts): Promise<string> {
  const { object, recipient, level, expiresAt } = facts
  if (expiresAt !== null && expiresAt <= context.now) {
    throw new NexusError('INVALID_PARAMS', "parameter 'expires_at' is in the past")
  }
  await requireOwner(options, context, 'share', object)
  if (recipient.tenant !== '' && !namesItsTenant(object.id, object.graph)) {
    throw new NexusError(
      'INVALID_PARAMS',
      `only what lies below /tenant:${object.graph}/ can be shared with another tenant: it could not name any other path`,
    )
  }
  const row = (at: ShareLevel): NewRelationshipRow => ({ ...bareRow(object, relationOf(at), recipient), expiresAt })
  const others = SHARE_LEVELS.filter((other) => other !== level)
  const { written } = await options.permissions.write({
    tenant: object.graph,
    operations: [
      { kind: 'touch', relationship: row(level) },
      ...others.map((other) => ({ kind: 'deleteIfExists', relationship: row(other) }) as const),
    ],
    idempotencyKey: randomUUID(),
    deadline: context.scope.deadline,
  })
  const [stored] = written
  if (stored === undefined) throw new Error('the permission service did not say what it stored')
  await auditChange(options, context, 'share', object, {
    relation: relationOf(level),
    subject: [recipient.type, recipient.id, recipient.relation],
    subject_tenant: recipient.tenant === '' ? object.graph : recipient.tenant,
    expires_at: expiresAt,
  })
  return stored.id
}
