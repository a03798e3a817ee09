import type { CallContext } from '../context.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject } from '../../services/common/json.ts'
import { SERVER_TREE } from '../files/paths.ts'
import { readableFile } from '../files/read.ts'
import { readSkillDocument } from './skill-document.ts'
import type { SkillDeps } from './deps.ts'
import { directoryOf, skillAt, usableSkill } from './find-skill.ts'
import { filesIn } from './skill-directory.ts'
import type { IndexedSkill } from './skill-rows.ts'

/** A skill as an agent loads it: the whole SKILL.md, and what it can refer to. */
export interface LoadedSkill {
  readonly skill: IndexedSkill
  readonly content: string
  readonly metadata: JsonObject
  /** Paths of the other files that the caller may read. */
  readonly files: readonly string[]
}

/** Loads a skill by its path or by its name. @throws NexusError ACCESS_DENIED, VALIDATION_FAILED */
export async function loadSkill(deps: SkillDeps, context: CallContext, pathOrName: string): Promise<LoadedSkill> {
  const skill = pathOrName.includes('/')
    ? await skillAt(deps, context, pathOrName)
    : (await usableSkill(deps, context, pathOrName)).skill
  if (skill.error !== null)
    throw new NexusError('VALIDATION_FAILED', `Skill '${skill.name}' cannot be used: ${skill.error}`)
  const { node } = await readableFile(deps, context, skill.path)
  const content = await deps.contents.get(node.content_hash, node.size)
  const { metadata } = readSkillDocument('', content)
  const files = await otherFiles(deps, context, skill)
  deps.uses.note(skill, 'load', context.now)
  return { skill, content: new TextDecoder().decode(content), metadata, files }
}

async function otherFiles(deps: SkillDeps, context: CallContext, skill: IndexedSkill): Promise<readonly string[]> {
  const at = directoryOf(skill)
  const { files } = await filesIn(deps, context, at)
  const paths = files.map(({ path }) => `${at.path}/${path}`).filter((path) => path !== skill.path)
  if (at.tree === SERVER_TREE || deps.guard.bypasses(context, at.tree)) return paths
  const answers = await deps.guard.ask(
    context,
    at.tree,
    paths.map((path) => ({ path, access: 'read' })),
  )
  return paths.filter((_, index) => answers[index] === true)
}
