import { type Document, isMap, isScalar, isSeq, type Scalar } from 'yaml'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import { parseFrontMatter } from './front-matter.ts'

/** What a SKILL.md says of its skill. A document with an error is listed among the invalid ones. */
export interface SkillDocument {
  readonly name: string
  readonly description: string
  readonly version: string | null
  readonly author: string | null
  readonly requires: readonly string[]
  readonly createdAt: string | null
  readonly modifiedAt: string | null
  /** All other members of the front matter. */
  readonly metadata: JsonObject
  /** Broken rules that do not keep the skill from working. */
  readonly warnings: readonly string[]
  readonly error: string | null
}

const OWN_FIELDS = new Set(['name', 'description', 'version', 'author', 'requires', 'created_at', 'modified_at'])
/** How a skill is named that keeps the rules. */
export const NAME_RULE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
export const MAX_NAME = 64
export const MAX_DESCRIPTION = 1_024
const MAX_COMPATIBILITY = 500

/** Reads a SKILL.md leniently. `directory` is the name of the directory that it stands in. */
export function readSkillDocument(directory: string, content: Uint8Array): SkillDocument {
  const parsed = parseFrontMatter(content)
  if (!parsed.ok) return invalid(directory, parsed.error)
  const { document } = parsed
  if (!isMap(document.contents)) return invalid(directory, 'the front matter is not a list of "name: value" lines')
  let metadata: JsonObject
  try {
    metadata = otherFields(document)
  } catch {
    return invalid(directory, 'the front matter refers to itself too often')
  }
  const name = textField(document, 'name')
  const description = textField(document, 'description')
  const facts = {
    name: name ?? directory,
    description: description ?? '',
    version: textField(document, 'version') ?? nested(metadata, 'version'),
    author: textField(document, 'author') ?? nested(metadata, 'author'),
    requires: listField(document, 'requires'),
    createdAt: textField(document, 'created_at'),
    modifiedAt: textField(document, 'modified_at'),
    metadata,
  }
  const warnings = warningsOf(facts, directory, parsed.repaired)
  return { ...facts, warnings, error: missing(name, description) }
}

function invalid(directory: string, error: string): SkillDocument {
  const nothing = {
    version: null,
    author: null,
    requires: [],
    createdAt: null,
    modifiedAt: null,
    metadata: {},
    warnings: [],
  }
  return { ...nothing, name: directory, description: '', error }
}

function missing(name: string | null, description: string | null): string | null {
  const fields = [...(name === null ? ['name'] : []), ...(description === null ? ['description'] : [])]
  return fields.length === 0 ? null : `the front matter has no ${fields.join(' and no ')}`
}

/** The text as it was written, so that version 1.10 stays 1.10. Null if it is absent, empty or no plain value. */
function textField(document: Document.Parsed, name: string): string | null {
  const node = document.get(name, true)
  if (!isScalar(node) || node.value === null) return null
  const text = clean(scalarText(node))
  return text === '' ? null : text
}

function scalarText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '')
}

/** A list of names; one name alone, or several with commas, will do. */
function listField(document: Document.Parsed, name: string): readonly string[] {
  const node = document.get(name, true)
  const texts = isSeq(node)
    ? node.items.map((item) => (isScalar(item) ? scalarText(item) : ''))
    : (textField(document, name) ?? '').split(',')
  return [...new Set(texts.map((text) => clean(text)).filter((text) => text !== ''))]
}

function otherFields(document: Document.Parsed): JsonObject {
  const all = document.toJS({ maxAliasCount: 100 }) as JsonObject
  const others = Object.entries(all).filter(([key]) => !OWN_FIELDS.has(key))
  // What YAML can say and JSON cannot, such as a circle, throws.
  return JSON.parse(JSON.stringify(Object.fromEntries(others))) as JsonObject
}

function nested(metadata: JsonObject, name: string): string | null {
  const inner: JsonValue | undefined = metadata['metadata']
  const value =
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject)[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? clean(String(value)) : null
}

/** PostgreSQL's texts have no U+0000, and nobody misses it. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().trim().normalize('NFC')
}

type Facts = Omit<SkillDocument, 'warnings' | 'error'>

function warningsOf({ name, description, metadata }: Facts, directory: string, repaired: boolean): readonly string[] {
  const { compatibility } = metadata
  const rules: readonly (readonly [boolean, string])[] = [
    [repaired, 'a value with a colon should be quoted'],
    [name.length > MAX_NAME, `the name is longer than ${MAX_NAME} characters`],
    [!NAME_RULE.test(name), 'the name should have lowercase letters, digits and single hyphens only'],
    [name !== directory, `the name differs from its directory "${directory}"`],
    [description.length > MAX_DESCRIPTION, `the description is longer than ${MAX_DESCRIPTION} characters`],
    [compatibility !== undefined && typeof compatibility !== 'string', 'compatibility should be a text'],
    [
      typeof compatibility === 'string' && compatibility.length > MAX_COMPATIBILITY,
      `compatibility is longer than ${MAX_COMPATIBILITY} characters`,
    ],
    [
      metadata['allowed-tools'] !== undefined && typeof metadata['allowed-tools'] !== 'string',
      'allowed-tools should be one text',
    ],
  ]
  return rules.filter(([broken]) => broken).map(([, text]) => text)
}
