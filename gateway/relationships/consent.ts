import { randomUUID } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { PermissionQuestion, PermissionSubject } from '../permissions/contract.ts'
import { isAboutCaller } from './about-caller.ts'
import { denied } from './denied.ts'
import { subjectsOf } from './expand.ts'
import type { ObjectName } from './object-name.ts'
import { auditChange } from './ownership.ts'
import { bareRow } from './relationship-row.ts'
import type { RelationshipsOptions } from './relationships.ts'
import { administers } from './rights.ts'

/** (somebody) consent_granted (me): he may learn that I have rights on something. */
const CONSENT = 'consent_granted'
const PUBLIC = 'public_discoverable'

export interface ConsentFacts {
  readonly from: ObjectName
  readonly to: ObjectName
  readonly expiresAt: number | null
}

/** Lets somebody discover oneself; the id of the consent. @throws NexusError ACCESS_DENIED, INVALID_PARAMS */
export async function grantConsent(
  options: RelationshipsOptions,
  context: CallContext,
  { from, to, expiresAt }: ConsentFacts,
): Promise<string> {
  requireSelf(options, context, 'grant_consent', from)
  if (expiresAt !== null && expiresAt <= context.now) {
    throw new NexusError('INVALID_PARAMS', "parameter 'expires_at' is in the past")
  }
  const { written } = await options.permissions.write({
    tenant: from.graph,
    operations: [{ kind: 'touch', relationship: { ...bareRow(from, CONSENT, plain(to)), expiresAt } }],
    idempotencyKey: randomUUID(),
    deadline: context.scope.deadline,
  })
  const [stored] = written
  if (stored === undefined) throw new Error('the permission service did not say what it stored')
  await auditChange(options, context, 'grant_consent', from, { to: [to.type, to.id], expires_at: expiresAt })
  return stored.id
}

/** Takes a consent back; false if there was none. @throws NexusError ACCESS_DENIED */
export async function revokeConsent(
  options: RelationshipsOptions,
  context: CallContext,
  { from, to }: Pick<ConsentFacts, 'from' | 'to'>,
): Promise<boolean> {
  requireSelf(options, context, 'revoke_consent', from)
  const { deletedCount } = await options.permissions.deleteMatching({
    tenant: from.graph,
    filter: {
      objectType: from.type,
      objectId: from.id,
      relations: [CONSENT],
      subjectTenant: '',
      subjectType: to.type,
      subjectId: to.id,
    },
    idempotencyKey: randomUUID(),
    deadline: context.scope.deadline,
  })
  if (deletedCount > 0) await auditChange(options, context, 'revoke_consent', from, { to: [to.type, to.id] })
  return deletedCount > 0
}

export interface PrivacyFacts {
  readonly permission: string
  readonly object: ObjectName
  readonly respectConsent: boolean
  /** Who wants to know. */
  readonly requester: PermissionSubject
}

/**
 * Who has a permission, as far as they let the requester know: himself, those who consented, those who are public, and
 * everybody where everybody has it. One's own view needs read on the object; all else, ownership.
 * @throws NexusError ACCESS_DENIED
 */
export async function expandWithPrivacy(
  options: RelationshipsOptions,
  context: CallContext,
  { permission, object, respectConsent, requester }: PrivacyFacts,
): Promise<readonly PermissionSubject[]> {
  const { caller, scope } = context
  const [owner] = object.graph === caller.tenant ? await options.rights.owns(context, [object]) : [false]
  if (owner !== true) {
    const question = questionAbout(object, 'read', caller.subject, caller.agentId !== null)
    const own = respectConsent && object.graph === caller.tenant && isAboutCaller(caller, requester)
    const [reads] = own ? await options.permissions.check([question], scope) : [false]
    if (reads !== true) throw denied(options.auditor, context, 'rebac_expand_with_privacy', object)
  }
  const all = await subjectsOf(options, context, permission, object)
  if (!respectConsent) return all
  const people = all.filter(({ id }) => id !== '*')
  const questions = people.flatMap((subject) =>
    [CONSENT, PUBLIC].map((relation) => questionAbout({ ...subject, graph: object.graph }, relation, requester, false)),
  )
  const answers = questions.length === 0 ? [] : await options.permissions.check(questions, scope)
  const known = new Set(
    people.filter((subject, index) => {
      if (subject.tenant !== '') return false
      if (subject.type === requester.type && subject.id === requester.id) return true
      return answers[index * 2] === true || answers[index * 2 + 1] === true
    }),
  )
  return all.filter((subject) => subject.id === '*' || known.has(subject))
}

function requireSelf(options: RelationshipsOptions, context: CallContext, action: string, from: ObjectName): void {
  if (isAboutCaller(context.caller, plain(from)) || administers(context.caller, from.graph)) return
  throw denied(options.auditor, context, action, from)
}

function plain({ type, id }: Pick<ObjectName, 'type' | 'id'>): PermissionSubject {
  return { tenant: '', type, id, relation: '' }
}

function questionAbout(
  object: Pick<ObjectName, 'type' | 'id' | 'graph'>,
  relation: string,
  subject: PermissionSubject,
  resolveInheritance: boolean,
): PermissionQuestion {
  const { type: objectType, id: objectId, graph: tenant } = object
  return { tenant, objectType, objectId, relation, subject, alsoAs: [], resolveInheritance }
}
