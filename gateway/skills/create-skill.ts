import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject } from '../../services/common/json.ts'
import type { CallContext } from '../context.ts'
import { resolveFilePath } from '../files/paths.ts'
import type { SkillDeps } from './deps.ts'
import { installSkills } from './install-skills.ts'
import { type Template, TEMPLATE_NAMES, TEMPLATES } from './templates.ts'
import { directoryOfTier, SKILL_FILE, type Tier } from './tiers.ts'
import { checkNaming, takeApart, writeDocument } from './write-document.ts'

export interface CreateFacts {
  readonly name: string
  readonly description: string
  readonly tier: Tier
  readonly author: string | undefined
}

/** A skill with the text of a template. Answers the path of its SKILL.md. @throws NexusError VALIDATION_FAILED, FILE_EXISTS, ACCESS_DENIED */
export function createSkill(
  deps: SkillDeps,
  context: CallContext,
  facts: CreateFacts & { readonly template: string },
): Promise<string> {
  const template = TEMPLATE_NAMES.find((name): name is Template => name === facts.template)
  if (template === undefined) {
    const allowed = TEMPLATE_NAMES.map((name) => `'${name}'`).join(', ')
    throw new NexusError('VALIDATION_FAILED', `Template not found: ${facts.template}. Must be one of: [${allowed}]`)
  }
  const body = `# ${facts.name}\n\n${facts.description.trim()}\n\n${TEMPLATES[template]}`
  return install(deps, context, 'skills_create', { ...facts, body, more: {}, metadata: {}, files: [] })
}

/** A skill with a given text; front matter in it is taken over as far as it does not say something else. */
export function createFromContent(
  deps: SkillDeps,
  context: CallContext,
  facts: CreateFacts & {
    readonly content: string
    readonly sourceUrl: string | undefined
    readonly metadata: JsonObject
  },
): Promise<string> {
  const { content, sourceUrl, metadata } = facts
  const source = sourceUrl === undefined ? {} : { source_url: sourceUrl }
  return install(deps, context, 'skills_create_from_content', {
    ...facts,
    ...takeApart(content),
    metadata: { ...metadata, ...source },
    files: [],
  })
}

interface NewDocument extends CreateFacts {
  readonly body: string
  readonly more: JsonObject
  readonly metadata: JsonObject
  /** What else lies in its directory. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[]
}

/** Writes the SKILL.md and puts the skill in its place. */
export async function install(
  deps: SkillDeps,
  context: CallContext,
  action: string,
  facts: NewDocument,
): Promise<string> {
  const { name, tier, files } = facts
  // Before the name becomes part of a path.
  checkNaming(name, facts.description)
  const content = writeDocument({ ...facts, createdAt: new Date(context.now).toISOString().replace('Z', '+00:00') })
  const at = resolveFilePath(`${directoryOfTier(tier, context.caller)}/${name}`, context.caller.tenant)
  const skill = { at, name, files: [{ path: SKILL_FILE, content }, ...files], replace: false }
  await installSkills(deps, context, action, [skill])
  return `${at.path}/${SKILL_FILE}`
}
