import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { SkillList } from './contract.ts'
import type { SkillDeps } from './deps.ts'
import { readableSkills } from './readable-skills.ts'
import type { IndexedSkill } from './skill-rows.ts'
import { type Tier, TIERS } from './tiers.ts'

/** The skills that a caller can use. Calls that are in flight at once and must have the same answer share it. */
export function listSkills(deps: SkillDeps, context: CallContext, tier: Tier | undefined): Promise<SkillList> {
  const { caller, scope } = context
  // Who sees something by being an administrator is noted for each call.
  if (deps.guard.bypasses(context, caller.tenant))
    deps.guard.noteBypass(context, 'read', `/tenant:${caller.tenant}/skill`)
  return deps.lists.do(keyOf(context, tier), scope.deadline, async (deadline) => {
    const shared = { ...context, scope: { ...scope, deadline } }
    return arrange(await readableSkills(deps, shared), shared, tier)
  })
}

/** Equal for calls that must be answered alike. */
function keyOf({ caller, scope }: CallContext, tier: Tier | undefined): string {
  const { tenant, subject, user, agentId, isAdmin, isGlobalAdmin } = caller
  const who = [
    tenant,
    subject.tenant,
    subject.type,
    subject.id,
    subject.relation,
    user,
    agentId,
    isAdmin,
    isGlobalAdmin,
  ]
  return JSON.stringify([who, scope.context, [...(scope.atLeastAsFresh ?? [])], tier ?? ''])
}

function arrange(readable: readonly IndexedSkill[], context: CallContext, tier: Tier | undefined): SkillList {
  const skills = tier === undefined ? readable : readable.filter((skill) => skill.tier === tier)
  // A stable sort: within a rank they stay in the order of their paths.
  const ordered = skills.toSorted((a, b) => rank(a, context) - rank(b, context))
  return {
    skills: firstOfEachName(ordered.filter((skill) => skill.error === null)),
    invalid: ordered.filter((skill) => skill.error !== null),
  }
}

/**
 * One's own before what others share, then by tier; what other tenants share comes last, so that no stranger can put
 * something in the place of a skill that is known here.
 */
function rank(skill: IndexedSkill, { caller }: CallContext): number {
  if (skill.tree !== caller.tenant && skill.tree !== SERVER_TREE) return TIERS.length * 2
  const isForeign = skill.tier === 'personal' && skill.user !== caller.user
  return TIERS.indexOf(skill.tier) * 2 + (isForeign ? 1 : 0)
}

function firstOfEachName(ordered: readonly IndexedSkill[]): readonly IndexedSkill[] {
  const names = new Set<string>()
  return ordered.filter(({ name }) => !names.has(name) && names.add(name))
}
