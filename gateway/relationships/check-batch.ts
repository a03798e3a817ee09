import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { PermissionQuestion, PermissionSubject } from '../permissions/contract.ts'
import { isAboutCaller } from './about-caller.ts'
import { denied } from './denied.ts'
import type { ObjectName } from './object-name.ts'
import type { RelationshipsOptions } from './relationships.ts'
import { subjectIn } from './rights.ts'

export interface CheckFacts {
  /** Its tenant is the caller's. */
  readonly subject: PermissionSubject
  readonly permission: string
  readonly object: ObjectName
}

/**
 * What relationships say to each question, in their order; administrators' bypass left out.
 * @throws NexusError ACCESS_DENIED if one is about somebody else and the caller does not own its object
 */
export async function checkBatch(
  options: RelationshipsOptions,
  context: CallContext,
  action: string,
  checks: readonly CheckFacts[],
): Promise<readonly boolean[]> {
  const { caller, scope } = context
  // Everybody reads the server-wide tree, and nobody writes it by a relationship.
  const asked = checks.filter(({ object }) => object.graph !== SERVER_TREE)
  const aboutOthers = asked.filter(({ subject }) => !isAboutCaller(caller, subject)).map(({ object }) => object)
  const owned = aboutOthers.length === 0 ? [] : await options.rights.owns(context, aboutOthers)
  const refused = aboutOthers.find((_, index) => owned[index] !== true)
  if (refused !== undefined) throw denied(options.auditor, context, action, refused)
  const questions = asked.map((facts) => questionOf(context, facts))
  const answers = questions.length === 0 ? [] : await options.permissions.check(questions, scope)
  const decided = new Map(asked.map((facts, index) => [facts, answers[index] === true]))
  return checks.map((facts) => decided.get(facts) ?? facts.permission === 'read')
}

/** The question to the permission service. */
export function questionOf({ caller }: CallContext, { subject, permission, object }: CheckFacts): PermissionQuestion {
  return {
    tenant: object.graph,
    objectType: object.type,
    objectId: object.id,
    relation: permission,
    subject: subjectIn(subject, caller.tenant, object.graph),
    alsoAs: [],
    // What an agent inherits is known in its own tenant only.
    resolveInheritance: subject.type === 'agent' && object.graph === caller.tenant,
  }
}
