import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { SkillDeps } from './deps.ts'
import { directoryOf } from './find-skill.ts'
import { publicRoots } from './public-skills.ts'
import { readableSkills } from './readable-skills.ts'
import type { IndexedSkill } from './skill-rows.ts'
import { subscribedIds } from './subscriptions.ts'

export const DISCOVER_FILTERS = ['all', 'public', 'subscribed', 'owned'] as const
export type DiscoverFilter = (typeof DISCOVER_FILTERS)[number]

/** A skill with what it is to the caller. */
export interface DiscoveredSkill {
  readonly skill: IndexedSkill
  readonly isSubscribed: boolean
  /** Everybody of the tenant and beyond may read it. */
  readonly isPublic: boolean
  /** The caller owns its directory, by a relationship. */
  readonly isOwned: boolean
}

/** Every usable skill that the caller may read, by path; none hides another of its name. */
export async function discoverSkills(
  deps: SkillDeps,
  context: CallContext,
  filter: DiscoverFilter,
): Promise<readonly DiscoveredSkill[]> {
  const [readable, subscribed, open] = await Promise.all([
    readableSkills(deps, context),
    subscribedIds(deps, context),
    publicRoots(deps, context),
  ])
  const skills = readable.filter(({ error }) => error === null)
  const owned = await ownedOf(deps, context, skills)
  const all = skills.map((skill, index) => ({
    skill,
    isSubscribed: subscribed.has(skill.nodeId),
    isPublic: skill.tree === SERVER_TREE || open(skill.path),
    isOwned: owned[index] === true,
  }))
  return all.filter(({ isSubscribed, isPublic, isOwned }) => {
    if (filter === 'public') return isPublic
    if (filter === 'subscribed') return isSubscribed
    return filter === 'all' || isOwned
  })
}

async function ownedOf(
  deps: SkillDeps,
  context: CallContext,
  skills: readonly IndexedSkill[],
): Promise<readonly boolean[]> {
  const near = skills.filter(({ tree }) => tree !== SERVER_TREE)
  const questions = near.map((skill) => ({ path: directoryOf(skill).path, access: 'execute' }) as const)
  const answers = await deps.guard.ask(context, context.caller.tenant, questions)
  const owned = new Set(near.filter((_, index) => answers[index] === true))
  return skills.map((skill) => owned.has(skill))
}
