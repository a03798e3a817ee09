import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { read } from '../files/read.ts'
import { readSkillArchive } from './archive/skill-archive.ts'
import { install } from './create-skill.ts'
import type { SkillDeps } from './deps.ts'
import { installSkills } from './install-skills.ts'
import { readSkillDocument } from './skill-document.ts'
import { resolveFilePath } from '../files/paths.ts'
import { directoryOfTier, SKILL_FILE, type Tier } from './tiers.ts'
import { takeApart } from './write-document.ts'

export interface CreateFromFileFacts {
  /** The name of the uploaded file; without an upload, the path of a file here. */
  readonly source: string
  readonly upload: Uint8Array | undefined
  readonly name: string | undefined
  readonly description: string | undefined
  readonly tier: Tier
  readonly author: string | undefined
}

/** More of a text is kept beside the SKILL.md, not in it, in bytes: agents load all of that at once. */
const MAX_INLINE = 65_536
const ZIP_START = Buffer.from('PK\u0003\u0004', 'latin1')

/**
 * A skill from a document: the text of a text, else a SKILL.md that refers to the file, which lies beside it. An archive
 * of a skill becomes that skill. Answers name and path of the SKILL.md.
 * @throws NexusError VALIDATION_FAILED, FILE_EXISTS, ACCESS_DENIED
 */
export async function createFromFile(
  deps: SkillDeps,
  context: CallContext,
  facts: CreateFromFileFacts,
): Promise<{ readonly name: string; readonly path: string }> {
  const { source, tier } = facts
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source) && facts.upload === undefined) {
    throw new NexusError(
      'VALIDATION_FAILED',
      'This server does not fetch addresses: send the contents as file_data, with the address as source.',
    )
  }
  const content = facts.upload ?? (await read(deps, context, source)).content
  if (ZIP_START.equals(content.subarray(0, ZIP_START.byteLength))) {
    const archived = await fromArchive(deps, context, content, facts)
    if (archived !== null) return archived
  }
  const file = source.split(/[/\\]/).filter(Boolean).at(-1)?.normalize('NFC') ?? 'document'
  const text = textOf(content)
  if (text?.trim() === '') {
    throw new NexusError(
      'VALIDATION_FAILED',
      `The document "${file}" is empty; a skill is made from one that says something.`,
    )
  }
  const found = text === null ? null : readSkillDocument('', Buffer.from(text))
  const said = found === null || found.error !== null ? null : found
  const name = facts.name ?? said?.name ?? slug(file)
  const description = facts.description ?? said?.description ?? `What "${file}" says, for agents that need it.`
  const inline = text !== null && content.byteLength <= MAX_INLINE
  const { more, body } = inline ? takeApart(text) : { more: {}, body: reference(name, file, text !== null) }
  const path = await install(deps, context, 'skills_create_from_file', {
    name,
    description,
    tier,
    author: facts.author,
    body,
    more,
    metadata: { source },
    files: inline ? [] : [{ path: placeOf(file, text !== null), content }],
  })
  return { name, path }
}

/** null if it holds no skills, such as a document of an office, which is an archive too. */
async function fromArchive(
  deps: SkillDeps,
  context: CallContext,
  content: Uint8Array,
  { name, tier }: CreateFromFileFacts,
): Promise<{ readonly name: string; readonly path: string } | null> {
  const { skills, errors } = await readSkillArchive(content)
  const [skill] = skills
  if (skill === undefined || errors.length > 0) return null
  if (skills.length > 1) {
    throw new NexusError('VALIDATION_FAILED', 'The archive holds several skills: import it by skills_import.')
  }
  if (name !== undefined && name !== skill.name) {
    throw new NexusError('VALIDATION_FAILED', `The archive holds the skill '${skill.name}', not '${name}'.`)
  }
  const at = resolveFilePath(`${directoryOfTier(tier, context.caller)}/${skill.name}`, context.caller.tenant)
  await installSkills(deps, context, 'skills_create_from_file', [{ ...skill, at, replace: false }])
  return { name: skill.name, path: `${at.path}/${SKILL_FILE}` }
}

/** null for what is no text. */
function textOf(content: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    return text.includes('\u0000') ? null : text
  } catch {
    return null
  }
}

function placeOf(file: string, isText: boolean): string {
  return `${isText ? 'references' : 'assets'}/${file.replace(/\p{Cc}/gu, '').trim() || 'document'}`
}

function reference(name: string, file: string, isText: boolean): string {
  return `# ${name}\n\nThe document is in [${file}](${placeOf(file, isText)}). Read it when its contents are needed.\n`
}

/** A name by the rules from that of a file. */
function slug(file: string): string {
  const words = file
    .replace(/\.[^.]+$/, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
  return words.slice(0, 64).replace(/^-+|-+$/g, '') || 'document'
}
