import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { resolveFilePath } from '../files/paths.ts'
import { readSkillArchive } from './archive/skill-archive.ts'
import type { SkillDeps } from './deps.ts'
import { installSkills } from './install-skills.ts'
import { directoryOfTier, type Tier } from './tiers.ts'

export interface ImportFacts {
  readonly archive: Uint8Array
  readonly tier: Tier
  readonly allowOverwrite: boolean
}

/**
 * Puts the skills of an archive into a tier, as they are: all, or none. Answers names and directories.
 * @throws NexusError VALIDATION_FAILED, FILE_EXISTS, ACCESS_DENIED
 */
export async function importSkills(
  deps: SkillDeps,
  context: CallContext,
  { archive, tier, allowOverwrite }: ImportFacts,
): Promise<readonly { readonly name: string; readonly directory: string }[]> {
  const { skills, errors } = await readSkillArchive(archive)
  if (errors.length > 0)
    throw new NexusError('VALIDATION_FAILED', `The archive cannot be imported: ${errors.join('; ')}`)
  const top = directoryOfTier(tier, context.caller)
  const placed = skills.map((skill) => ({
    ...skill,
    at: resolveFilePath(`${top}/${skill.name}`, context.caller.tenant),
    replace: allowOverwrite,
  }))
  await installSkills(deps, context, 'skills_import', placed)
  return placed.map(({ name, at }) => ({ name, directory: at.path }))
}
