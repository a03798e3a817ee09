import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { all, type Script } from '../../services/common/sql/script.ts'
import type { CallContext } from '../context.ts'
import type { SkillDeps } from './deps.ts'
import { skillAt } from './find-skill.ts'

/** Chooses a skill that the caller may read for his prompts; false if he had. @throws NexusError ACCESS_DENIED, VALIDATION_FAILED */
export async function subscribe(deps: SkillDeps, context: CallContext, path: string): Promise<boolean> {
  const skill = await skillAt(deps, context, path)
  if (skill.error !== null)
    throw new NexusError('VALIDATION_FAILED', `Skill '${skill.name}' cannot be used: ${skill.error}`)
  const request = { ...subscriber(context), tenant: skill.tree, nodeId: skill.nodeId, now: context.now }
  return await deps.db.write('subscribeSkill', request, writing(context))
}

/** Takes a choice back; false if there was none. @throws NexusError ACCESS_DENIED, VALIDATION_FAILED */
export async function unsubscribe(deps: SkillDeps, context: CallContext, path: string): Promise<boolean> {
  const skill = await skillAt(deps, context, path)
  const request = { ...subscriber(context), tenant: skill.tree, nodeId: skill.nodeId }
  return await deps.db.write('unsubscribeSkill', request, writing(context))
}

/** The nodes of what the caller has subscribed to, whether he may still read it or not. */
export async function subscribedIds(deps: SkillDeps, context: CallContext): Promise<ReadonlySet<string>> {
  const { subjectTenant, subject } = subscriber(context)
  return await deps.db.read(() => readSubscribed(subjectTenant, subject), { deadline: context.scope.deadline })
}

function* readSubscribed(subjectTenant: string, subject: string): Script<ReadonlySet<string>> {
  const rows = yield* all<{ node_id: string }>(
    'select node_id from skill_subscriptions where subject_tenant = $1 and subject = $2',
    subjectTenant,
    subject,
  )
  return new Set(rows.map(({ node_id }) => node_id))
}

/** An agent has subscriptions of its own. */
function subscriber({ caller }: CallContext): { readonly subjectTenant: string; readonly subject: string } {
  return { subjectTenant: caller.tenant, subject: `${caller.subject.type}:${caller.subject.id}` }
}

function writing({ caller, scope }: CallContext) {
  return { group: `subscriptions ${caller.tenant}`, deadline: scope.deadline }
}
