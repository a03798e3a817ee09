import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { FileDeps } from '../files/deps.ts'
import { sharedPlaces } from '../files/foreign.ts'
import { betweenMoves } from '../files/moves.ts'
import { SERVER_TREE, sortedByPath } from '../files/paths.ts'
import type { SkillDeps } from './deps.ts'
import {
  type FoundSkill,
  type IndexedSkill,
  readMarks,
  type Root,
  skillsAndMarks,
  skillsBelow,
  type TreeMarks,
} from './skill-rows.ts'
import { directoryOfTier } from './tiers.ts'

const SERVER_SKILLS: Root = { tree: SERVER_TREE, path: directoryOfTier('system', { tenant: '', user: '' }), deep: true }

/**
 * Every skill of the index whose SKILL.md the caller may read, by path. Begins with what the caller may read, so that
 * the cost does not depend on what is there besides.
 *
 * The answer belongs to the moment when the permission service was asked: nothing was moved from before that until the
 * index was read, and what was found there is what stood there before.
 * @throws NexusError UNAVAILABLE at the deadline
 */
export async function readableSkills(deps: SkillDeps, context: CallContext): Promise<readonly IndexedSkill[]> {
  const { skills: near, noIncoming } = await nearSkills(deps, context)
  const foreign = noIncoming ? [] : await foreignSkills(deps, context)
  return foreign.length === 0 ? near : sortedByPath([...near, ...foreign])
}

/** What other tenants share with the caller by name. What is public there is found by its path. */
async function foreignSkills(deps: SkillDeps, context: CallContext): Promise<readonly IndexedSkill[]> {
  const { deadline } = context.scope
  const places = await sharedPlaces(deps, context)
  const trees = [...new Set(places.map(({ tree }) => tree))]
  const found = await Promise.all(
    trees.map(async (tree) => {
      const roots = places.filter((place) => place.tree === tree).map(({ path }) => ({ tree, path, deep: true }))
      return await betweenMoves(deps, context, tree, async () => {
        const skills = await deps.db.read(() => skillsBelow(deps.known, roots), { deadline })
        const questions = skills.map(({ path }) => ({ path, access: 'read' }) as const)
        const answers = await deps.guard.ask(context, tree, questions)
        const allowed = new Map(
          skills.map(({ nodeId, path }, index) => [nodeId, answers[index] === true ? path : null]),
        )
        // As with a file: only what stood there before and after is what the answers were about.
        const after = await deps.db.read(() => skillsBelow(deps.known, roots), { deadline })
        const value = after.filter(({ nodeId, path }) => allowed.get(nodeId) === path)
        return { value, whole: value.length === skills.length }
      })
    }),
  )
  return found.flat()
}

interface Near {
  readonly skills: readonly FoundSkill[]
  /** The tenant's, from then or later. */
  readonly after: TreeMarks
  /** Other tenants share nothing with the caller. */
  readonly noIncoming: boolean
}

/** Those of the caller's tenant and of the server. */
async function nearSkills(deps: SkillDeps, context: CallContext): Promise<Near> {
  const { db, outbox } = deps
  const { tenant } = context.caller
  const { deadline } = context.scope
  for (;;) {
    const before = await db.read(() => readMarks(tenant), { deadline })
    // The relationships of what was moved have moved, too.
    if (before.lastMove > outbox.appliedThrough(tenant)) await outbox.passed(tenant, before.lastMove, deadline)
    const near = await look(deps, context)
    const { skills, after } = near
    const same = skills.every(({ tree, changedSeq }) => tree === SERVER_TREE || changedSeq <= before.skillsSeq)
    if (after.lastMove === before.lastMove && same) return near
    if (Date.now() >= deadline) throw new NexusError('UNAVAILABLE', 'The skills kept changing; try again.')
  }
}

async function look(deps: SkillDeps, context: CallContext): Promise<Near> {
  const { tenant } = context.caller
  const { deadline } = context.scope
  const { objects, coversAll, noIncoming } = await deps.guard.objects(context, 'read')
  const roots: readonly Root[] = [
    SERVER_SKILLS,
    ...bypassedRoots(deps, context),
    ...outermost(objects.map(({ id, coversSubtree }) => ({ tree: tenant, path: id, deep: coversSubtree }))),
  ]
  const { skills, marks } = await deps.db.read(() => skillsAndMarks(deps.known, roots, tenant), { deadline })
  if (coversAll) return { skills, after: marks, noIncoming }
  // Rules of the tenant's own may grant below what they deny above.
  const known = new Set(skills.map(({ nodeId }) => nodeId))
  const all = await deps.db.read(() => skillsBelow(deps.known, [{ tree: tenant, path: '/', deep: true }]), { deadline })
  const others = all.filter(({ nodeId }) => !known.has(nodeId))
  const answers = await deps.guard.ask(
    context,
    tenant,
    others.map(({ path }) => ({ path, access: 'read' })),
  )
  return {
    skills: sortedByPath([...skills, ...others.filter((_, index) => answers[index] === true)]),
    after: await deps.db.read(() => readMarks(tenant), { deadline }),
    noIncoming,
  }
}

/**
 * Being an administrator opens other users' files, but does not make their personal skills one's own: those take a
 * relationship.
 */
function bypassedRoots({ guard }: FileDeps, context: CallContext): readonly Root[] {
  const { caller } = context
  if (!guard.bypasses(context, caller.tenant)) return []
  return (['tenant', 'personal'] as const).map((tier) => ({
    tree: caller.tenant,
    path: directoryOfTier(tier, caller),
    deep: true,
  }))
}

/** Without those that lie below another one; they come by path. */
function outermost(roots: readonly Root[]): readonly Root[] {
  const deep = new Set(roots.filter((root) => root.deep).map(({ path }) => path))
  return roots.filter(({ path }) => {
    for (let above = path; above !== '/'; ) {
      above = above.slice(0, above.lastIndexOf('/')) || '/'
      if (deep.has(above)) return false
    }
    return true
  })
}
