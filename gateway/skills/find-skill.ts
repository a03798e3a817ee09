import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { checkTime } from '../files/deps.ts'
import { parentPath, resolveFilePath, type TreePath } from '../files/paths.ts'
import type { SkillList } from './contract.ts'
import type { SkillDeps } from './deps.ts'
import { listSkills } from './list-skills.ts'
import { type FoundSkill, type IndexedSkill, skillsBelow } from './skill-rows.ts'
import { placeOf, SKILL_FILE, type Tier } from './tiers.ts'

/** The skill of a name that the caller uses. @throws NexusError VALIDATION_FAILED if it is unknown or unusable */
export async function usableSkill(
  deps: SkillDeps,
  context: CallContext,
  name: string,
  tier?: Tier,
): Promise<{ readonly skill: IndexedSkill; readonly list: SkillList }> {
  const list = await listSkills(deps, context, tier)
  return { skill: skillOf(list, name), list }
}

/** @throws NexusError VALIDATION_FAILED */
export function skillOf({ skills, invalid }: SkillList, name: string): IndexedSkill {
  const wanted = name.normalize('NFC')
  const skill = skills.find((candidate) => candidate.name === wanted)
  if (skill !== undefined) return skill
  const broken = invalid.find((candidate) => candidate.name === wanted)
  const problem =
    broken === undefined ? `Skill not found: ${wanted}` : `Skill '${wanted}' cannot be used: ${broken.error}`
  throw new NexusError('VALIDATION_FAILED', problem)
}

/** The directory of a skill as the file system names it. */
export function directoryOf(skill: Pick<IndexedSkill, 'tree' | 'path'>): TreePath {
  const path = parentPath(skill.path)
  return { tree: skill.tree, path, components: path.slice(1).split('/') }
}

/**
 * The skill in a directory, or with a SKILL.md, that the caller may read.
 * @throws NexusError ACCESS_DENIED, VALIDATION_FAILED, INVALID_PATH
 */
export async function skillAt(deps: SkillDeps, context: CallContext, path: string): Promise<IndexedSkill> {
  const at = resolveFilePath(path, context.caller.tenant)
  const file = at.path.endsWith(`/${SKILL_FILE}`) ? at.path : `${at.path}/${SKILL_FILE}`
  const question = { path: file, access: 'read' } as const
  for (let before = await find(deps, context, at.tree, file); ; ) {
    if (!(await deps.guard.allows(context, at.tree, 'read', question)))
      throw deps.guard.denial(context, 'read', question)
    // As with a file: only what stood there before and after is what the answer was about.
    const after = await find(deps, context, at.tree, file)
    if (before?.nodeId === after?.nodeId && before?.changedSeq === after?.changedSeq) return found(after, file)
    checkTime(context)
    before = after
  }
}

function find(deps: SkillDeps, context: CallContext, tree: string, path: string): Promise<FoundSkill | undefined> {
  function* script() {
    const [skill] = yield* skillsBelow(deps.known, [{ tree, path, deep: false }])
    return skill
  }
  return deps.db.read(script, { deadline: context.scope.deadline })
}

function found(skill: FoundSkill | undefined, file: string): FoundSkill {
  if (skill !== undefined) return skill
  if (placeOf(file) !== null) throw new NexusError('VALIDATION_FAILED', `Skill not found: ${parentPath(file)}`)
  throw new NexusError(
    'VALIDATION_FAILED',
    `'${parentPath(file)}' is no place for a skill; these are /tenant:T/user:U/skill/NAME, /tenant:T/skill/NAME and /skill/NAME`,
  )
}
