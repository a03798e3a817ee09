import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { ExplainedStep } from '../permissions/insight.ts'
import { isAboutCaller } from './about-caller.ts'
import { type CheckFacts, questionOf } from './check-batch.ts'
import { denied } from './denied.ts'
import type { RelationshipsOptions } from './relationships.ts'

/** Why relationships say what they say. `root` is null where no relationship plays a part. */
export interface Explanation {
  readonly allowed: boolean
  readonly root: ExplainedStep | null
}

/**
 * Why relationships answer a question as they do. Who owns the object sees all that was looked at; about oneself one
 * sees the way that granted, and of a "no" nothing further: what others were given on the object is theirs.
 * @throws NexusError ACCESS_DENIED as rebac_check
 */
export async function explainPermission(
  options: RelationshipsOptions,
  context: CallContext,
  facts: CheckFacts,
  maxDepth: number,
): Promise<Explanation> {
  const { subject, permission, object } = facts
  if (object.graph === SERVER_TREE) return { allowed: permission === 'read', root: null }
  const home = object.graph === context.caller.tenant || context.caller.isGlobalAdmin
  const [owner] = home ? await options.rights.owns(context, [object]) : [false]
  if (owner !== true && !isAboutCaller(context.caller, subject)) {
    throw denied(options.auditor, context, 'rebac_explain', object)
  }
  const root = await options.insight.explain(questionOf(context, facts), context.scope, maxDepth)
  const allowed = root.outcome === 'true'
  if (owner === true || allowed) return { allowed, root }
  return {
    allowed,
    root: { ...root, children: [], relationship: null, message: root.outcome === 'error' ? root.message : '' },
  }
}
