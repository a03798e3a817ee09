import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { JsonObject } from '../../services/common/json.ts'
import { BEGINNING, type FrontMatter, parseFrontMatter } from './front-matter.ts'

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
  if (!isMap(document.contents))
    return invalid(directory, `${BEGINNING}: the front matter is not a list of "name: value" lines`)
  let metadata: JsonObject
  try {
    metadata = otherFields(document)
  } catch {
    return invalid(directory, `${BEGINNING}: the front matter refers to itself too often, or is nested too deeply`)
  }
  const name = textField(document, 'name')
  const description = textField(document, 'description')
  const facts = {
    name: name ?? directory,
    description: description ?? '',
    version: textField(document, 'version') ?? textField(document, 'metadata', 'version'),
    author: textField(document, 'author') ?? textField(document, 'metadata', 'author'),
    requires: listField(document, 'requires'),
    createdAt: textField(document, 'created_at'),
    modifiedAt: textField(document, 'modified_at'),
    metadata,
  }
  const warnings = [...parsed.repairs, ...warningsOf(facts, directory)]
  return { ...facts, warnings, error: missing(parsed, { name, description }) }
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

/** What is not there, with the place of the first that is there and says nothing. */
function missing(
  { document, placeOf }: FrontMatter & { ok: true },
  fields: Record<string, string | null>,
): string | null {
  const absent = Object.keys(fields).filter((field) => fields[field] === null)
  if (absent.length === 0 || !isMap(document.contents)) return null
  const empty = document.contents.items.find(({ key }) => isScalar(key) && absent.includes(String(key.value)))
  const offset = isScalar(empty?.key) ? empty.key.range?.[0] : undefined
  const place = offset === undefined ? BEGINNING : placeOf(offset)
  return `${place}: the front matter has no ${absent.join(' and no ')}${empty === undefined ? '' : ' that is a text'}`
}

/** The text as it was written, so that version 1.10 stays 1.10. Null if it is absent, empty or no plain value. */
function textField(document: Document.Parsed, ...path: readonly string[]): string | null {
  const node = nodeAt(document, path)
  if (!isScalar(node) || node.value === null) return null
  const text = clean(scalarText(node))
  return text === '' ? null : text
}

/** What stands there, or what is named there by an alias. */
function nodeAt(document: Document.Parsed, path: readonly string[]): Node | undefined {
  const node = document.getIn(path, true) as Node | undefined
  return isAlias(node) ? node.resolve(document) : node
}

function scalarText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '')
}

/** A list of names; one name alone, or several with commas, will do. */
function listField(document: Document.Parsed, name: string): readonly string[] {
  const node = nodeAt(document, [name])
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

/** PostgreSQL's texts have no U+0000, and nobody misses it. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().trim().normalize('NFC')
}

type Facts = Omit<SkillDocument, 'warnings' | 'error'>

function warningsOf({ name, description, metadata }: Facts, directory: string): readonly string[] {
  const { compatibility } = metadata
  const rules: readonly (readonly [boolean, string])[] = [
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
