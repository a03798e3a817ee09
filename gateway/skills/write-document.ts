import { type Document, isMap, isScalar, stringify, visit } from 'yaml'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import { parseFrontMatter, splitFrontMatter } from './front-matter.ts'
import { MAX_DESCRIPTION, MAX_NAME, NAME_RULE, readSkillDocument } from './skill-document.ts'

/** What a new SKILL.md says of its skill. */
export interface NewSkillFacts {
  readonly name: string
  readonly description: string
  readonly author: string | undefined
  /** More members of the front matter. */
  readonly more: JsonObject
  /** Members of the map `metadata`, which holds texts. */
  readonly metadata: JsonObject
  /** ISO 8601. */
  readonly createdAt: string
  readonly body: string
}

/** The text of a SKILL.md that keeps every rule of the format. @throws NexusError VALIDATION_FAILED naming each broken rule */
export function writeDocument(facts: NewSkillFacts): Uint8Array {
  const { name, description, author, more, metadata, createdAt, body } = facts
  checkNaming(name, description)
  const texts = { ...(isObject(more['metadata']) ? more['metadata'] : {}), ...metadata }
  const fields = {
    ...more,
    name: name.normalize('NFC'),
    description: description.trim(),
    ...(author === undefined ? {} : { author }),
    created_at: createdAt,
    ...(Object.keys(texts).length === 0 ? {} : { metadata: asTexts(texts) }),
  }
  const { name: first, description: second, metadata: last, ...others } = fields as JsonObject
  const ordered = { name: first, description: second, ...others, ...(last === undefined ? {} : { metadata: last }) }
  return checked(name, `---\n${stringify(ordered, { lineWidth: 0 })}---\n\n${body.trim()}\n`)
}

/** The rules for what is written here. @throws NexusError VALIDATION_FAILED */
export function checkNaming(name: string, description: string): void {
  const problems = [
    ...(NAME_RULE.test(name) && name.length <= MAX_NAME
      ? []
      : [`the name must be 1 to ${MAX_NAME} lowercase letters, digits and single hyphens inside, such as "pdf-tools"`]),
    ...(description.trim() !== '' && [...description.trim()].length <= MAX_DESCRIPTION
      ? []
      : [`the description must have 1 to ${MAX_DESCRIPTION} characters`]),
  ]
  if (problems.length > 0)
    throw new NexusError('VALIDATION_FAILED', `Invalid skill '${shown(name)}': ${problems.join('; ')}`)
}

/** A SKILL.md for a fork: under another name, and saying whose fork it is; all else stays as it was. */
export function forkDocument(
  content: Uint8Array,
  facts: { readonly name: string; readonly author: string | undefined; readonly forkedFrom: string },
): Uint8Array {
  const parsed = parseFrontMatter(content)
  const parts = splitFrontMatter(new TextDecoder().decode(content))
  if (!parsed.ok || !parts.ok) throw new NexusError('VALIDATION_FAILED', 'The skill has no front matter to fork.')
  const { document } = parsed
  const { warnings: known } = readSkillDocument(facts.forkedFrom, content)
  replaceText(document, 'name', facts.name)
  if (facts.author !== undefined) replaceText(document, 'author', facts.author)
  const metadata = document.get('metadata')
  if (metadata === undefined || metadata === null) document.set('metadata', { forked_from: facts.forkedFrom })
  else if (isMap(metadata)) document.setIn(['metadata', 'forked_from'], facts.forkedFrom)
  const yaml = document.toString({ lineWidth: 0 })
  // What the source breaks, and works with, its fork may break.
  return checked(facts.name, `---\n${yaml}${yaml.endsWith('\n') ? '' : '\n'}---\n${parts.body}`, known)
}

/** Front matter and body of a text that may have both, as they go into a new document. */
export function takeApart(text: string): { readonly more: JsonObject; readonly body: string } {
  const parts = splitFrontMatter(text)
  if (!parts.ok) return { more: {}, body: text }
  const content = Buffer.from(text)
  const parsed = parseFrontMatter(content)
  if (!parsed.ok || !isMap(parsed.document.contents)) return { more: {}, body: text }
  const { metadata, ...others } = readSkillDocument('', content).metadata
  return { more: { ...others, ...(isObject(metadata) ? { metadata } : {}) }, body: parts.body }
}

/** Sets a member; what refers to its value by an alias keeps the old one. */
function replaceText(document: Document.Parsed, member: string, text: string): void {
  const node = document.get(member, true)
  if (isScalar(node) && node.anchor !== undefined) {
    const { anchor, value } = node
    visit(document, { Alias: (_, { source }) => (source === anchor ? document.createNode(value) : undefined) })
    delete node.anchor
  }
  document.set(member, text)
}

function checked(name: string, text: string, tolerated: readonly string[] = []): Uint8Array {
  const content = Buffer.from(text, 'utf8')
  const { error, warnings, name: read } = readSkillDocument(name, content)
  const problem = error ?? (read === name ? null : 'its name cannot be read back')
  if (problem !== null) throw new NexusError('VALIDATION_FAILED', `Invalid skill '${shown(name)}': ${problem}`)
  const broken = warnings.filter((warning) => !warning.startsWith('the description') && !tolerated.includes(warning))
  if (broken.length > 0)
    throw new NexusError('VALIDATION_FAILED', `Invalid skill '${shown(name)}': ${broken.join('; ')}`)
  return content
}

function asTexts(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, asText(value)]))
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}...` : name
}
