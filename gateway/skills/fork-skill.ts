import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { resolveFilePath } from '../files/paths.ts'
import type { LineageFacts } from './commands/install-skills.ts'
import type { SkillDeps } from './deps.ts'
import { usableSkill } from './find-skill.ts'
import { installSkills } from './install-skills.ts'
import { contentsOf, skillDirectory, type SkillDirectory } from './skill-directory.ts'
import type { IndexedSkill } from './skill-rows.ts'
import { directoryOfTier, SKILL_FILE, type Tier } from './tiers.ts'
import { checkNaming, forkDocument } from './write-document.ts'
import { requireNotRejected } from './approvals/rejected.ts'

export interface ForkFacts {
  readonly source: string
  readonly target: string
  readonly tier: Tier
  readonly author: string | undefined
}

/**
 * A copy of a skill under another name, with all of its files, that says what it was made from. Answers the path of its
 * SKILL.md. @throws NexusError VALIDATION_FAILED, FILE_EXISTS, ACCESS_DENIED
 */
export async function forkSkill(deps: SkillDeps, context: CallContext, facts: ForkFacts): Promise<string> {
  const { source, target, tier, author } = facts
  const { skill } = await usableSkill(deps, context, source)
  checkNaming(target, skill.description.slice(0, 1) || 'x')
  const directory = await skillDirectory(deps, context, skill)
  const contents = await contentsOf(deps, context, directory)
  const files = contents.map(({ path, content }) =>
    path === SKILL_FILE
      ? { path, content: forkDocument(content, { name: target, author, forkedFrom: skill.name }) }
      : { path, content },
  )
  const at = resolveFilePath(`${directoryOfTier(tier, context.caller)}/${target}`, context.caller.tenant)
  const lineage = lineageOf('fork', skill, directory)
  await installSkills(deps, context, 'skills_fork', [
    { at, name: target, files, empty: directory.empty, replace: false, lineage },
  ])
  deps.uses.note(skill, 'fork', context.now)
  return `${at.path}/${SKILL_FILE}`
}

export interface PublishFacts {
  readonly name: string
  readonly from: Tier
  readonly to: Tier
}

/**
 * Copies a skill to another tier, byte by byte; what was published there under its name becomes what it is now. Needs
 * write on the target. Answers the path of its SKILL.md. @throws NexusError VALIDATION_FAILED, ACCESS_DENIED
 */
export async function publishSkill(deps: SkillDeps, context: CallContext, facts: PublishFacts): Promise<string> {
  const { skill } = await usableSkill(deps, context, facts.name, facts.from)
  const directory = await skillDirectory(deps, context, skill)
  await requireNotRejected(deps, context, skill, directory)
  const name = directory.at.components.at(-1) ?? skill.name
  const at = resolveFilePath(`${directoryOfTier(facts.to, context.caller)}/${name}`, context.caller.tenant)
  if (at.path === directory.at.path)
    throw new NexusError('VALIDATION_FAILED', `Skill '${skill.name}' is in the tier '${facts.to}' already.`)
  const files = await contentsOf(deps, context, directory)
  const lineage = lineageOf('publish', skill, directory)
  await installSkills(deps, context, 'skills_publish', [
    { at, name: skill.name, files, empty: directory.empty, replace: true, lineage },
  ])
  return `${at.path}/${SKILL_FILE}`
}

function lineageOf(kind: LineageFacts['kind'], skill: IndexedSkill, { files }: SkillDirectory): LineageFacts {
  return {
    kind,
    sourceTenant: skill.tree,
    sourceNodeId: skill.nodeId,
    sourceName: skill.name,
    sourcePath: skill.path,
    sourceVersion: skill.version,
    sourceEtag: files.find(({ path }) => path === SKILL_FILE)?.hash ?? '',
  }
}
