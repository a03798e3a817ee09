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
  const [readable, subscribed] = await Promise.all([readableSkills(deps, context), subscribedIds(deps, context)])
  const skills = readable.filter(({ error }) => error === null)
  const trees = [...new Set(skills.map(({ tree }) => tree))].filter((tree) => tree !== SERVER_TREE)
  const known = await Promise.all(
    trees.map(async (tree) => {
      const inTree = skills.filter((skill) => skill.tree === tree)
      const questions = inTree.map((skill) => ({ path: directoryOf(skill).path, access: 'execute' }) as const)
      const [open, owns] = await Promise.all([
        publicRoots(deps, context, tree),
        deps.guard.ask(context, tree, questions),
      ])
      return inTree.map((skill, index) => ({ skill, isPublic: open(skill.path), isOwned: owns[index] === true }))
    }),
  )
  const facts = new Map(known.flat().map(({ skill, ...about }) => [skill, about]))
  const ofServer = { isPublic: true, isOwned: false }
  const all = skills.map((skill) => ({
    skill,
    isSubscribed: subscribed.has(skill.nodeId),
    ...(facts.get(skill) ?? ofServer),
  }))
  return all.filter(({ isSubscribed, isPublic, isOwned }) => {
    if (filter === 'public') return isPublic
    if (filter === 'subscribed') return isSubscribed
    return filter === 'all' || isOwned
  })
}
