import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { betweenMoves, type Look } from '../files/moves.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { Basis, Rights } from '../relationships/rights.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { resolveDependencies } from './dependencies.ts'
import { type IndexedSkill, readSkills } from './skill-rows.ts'
import { type Tier, TIERS } from './tiers.ts'

export interface SkillList {
  /** One for each name, the nearest tier first, by path within a tier. */
  readonly skills: readonly IndexedSkill[]
  /** Readable, but unusable: each says why. */
  readonly invalid: readonly IndexedSkill[]
}

/** The skills that a caller can use. Lists are complete, or the call fails. */
export interface Skills {
  list(context: CallContext, tier: Tier | undefined): Promise<SkillList>
  /** @throws NexusError VALIDATION_FAILED if it is unknown, unusable, or its dependencies run in a circle */
  info(
    context: CallContext,
    name: string,
  ): Promise<{ readonly skill: IndexedSkill; readonly dependencies: readonly string[] }>
}

export interface SkillsOptions {
  readonly db: GatewayDatabase
  readonly outbox: Outbox
  readonly rights: Rights
}

export function createSkills({ db, outbox, rights }: SkillsOptions): Skills {
  function readIndex(context: CallContext): Promise<readonly IndexedSkill[]> {
    return db.read(() => readSkills(context.caller.tenant, SERVER_TREE), { deadline: context.scope.deadline })
  }

  function readable(context: CallContext): Promise<readonly IndexedSkill[]> {
    return betweenMoves({ db, outbox }, context, context.caller.tenant, () => look(context))
  }

  async function look(context: CallContext): Promise<Look<readonly IndexedSkill[]>> {
    for (let before = await readIndex(context); ; ) {
      const allowed = await allowedSkills(rights, context, before)
      // The answer belongs to a moment after the first look. Only what is still the same was asked about.
      const after = await readIndex(context)
      const same = new Set(after.map(identity))
      if (allowed.every((skill) => same.has(identity(skill)))) {
        return { value: allowed, whole: allowed.length === before.length }
      }
      if (Date.now() >= context.scope.deadline) {
        throw new NexusError('UNAVAILABLE', 'The skills kept changing; try again.')
      }
      before = after
    }
  }

  async function list(context: CallContext, tier: Tier | undefined): Promise<SkillList> {
    const skills = (await readable(context)).filter((skill) => tier === undefined || skill.tier === tier)
    // A stable sort: within a rank they stay in the order of their paths.
    const ordered = skills.toSorted((a, b) => rank(a, context) - rank(b, context))
    return {
      skills: firstOfEachName(ordered.filter((skill) => skill.error === null)),
      invalid: ordered.filter((skill) => skill.error !== null),
    }
  }

  return {
    list,
    async info(context, name) {
      const { skills, invalid } = await list(context, undefined)
      const wanted = name.normalize('NFC')
      const skill = skills.find((candidate) => candidate.name === wanted)
      if (skill !== undefined) return { skill, dependencies: resolveDependencies(skill, skills) }
      const broken = invalid.find((candidate) => candidate.name === wanted)
      const problem =
        broken === undefined ? `Skill not found: ${wanted}` : `Skill '${wanted}' cannot be used: ${broken.error}`
      throw new NexusError('VALIDATION_FAILED', problem)
    },
  }
}

/**
 * Being an administrator opens other users' files, but does not make their personal skills one's own: those take a
 * relationship.
 */
async function allowedSkills(
  rights: Rights,
  context: CallContext,
  skills: readonly IndexedSkill[],
): Promise<readonly IndexedSkill[]> {
  const foreign = skills.filter((skill) => isForeign(skill, context))
  const near = skills.filter((skill) => !isForeign(skill, context))
  const ask = async (some: readonly IndexedSkill[], basis: Basis) => {
    const paths = some.map(({ path, tree }) => ({ path, tree, components: path.slice(1).split('/') }))
    const answers = await rights.readable(context, paths, basis)
    return some.filter((_, index) => answers[index] === true)
  }
  const [a, b] = await Promise.all([ask(near, 'with-bypass'), ask(foreign, 'by-relationship')])
  const allowed = new Set([...a, ...b])
  return skills.filter((skill) => allowed.has(skill))
}

function isForeign(skill: IndexedSkill, { caller }: CallContext): boolean {
  return skill.tier === 'personal' && skill.user !== caller.user
}

/** One's own before what others share, then by tier. */
function rank(skill: IndexedSkill, context: CallContext): number {
  return TIERS.indexOf(skill.tier) * 2 + (isForeign(skill, context) ? 1 : 0)
}

function firstOfEachName(ordered: readonly IndexedSkill[]): readonly IndexedSkill[] {
  const names = new Set<string>()
  return ordered.filter(({ name }) => !names.has(name) && names.add(name))
}

function identity(skill: IndexedSkill): string {
  return `${skill.tree}\u0000${skill.nodeId}\u0000${skill.fileVersion}\u0000${skill.path}`
}
