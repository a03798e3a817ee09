import type { Document } from 'yaml'
import { parseYaml, type TextPosition } from '../yaml.ts'

/** The YAML between the two `---` lines of a SKILL.md, or why there is none. */
export type FrontMatter =
  | {
      readonly ok: true
      readonly document: Document.Parsed
      /** What had to be put right before it could be parsed. */
      readonly repairs: readonly string[]
      /** Where in the file a part of the document stands, by its place in the document: `line 2, column 1`. */
      readonly placeOf: (offset: number) => string
    }
  | { readonly ok: false; readonly error: string }

/** A SKILL.md taken apart. `yaml` has its lines without their ends; `body` begins after the closing line. */
export type SkillParts =
  | { readonly ok: true; readonly yaml: readonly string[]; readonly body: string }
  | { readonly ok: false; readonly error: string }

/** More than any description needs; YAML of a hostile size must not stop the server. */
const MAX_CHARACTERS = 16_384
/** The first line of YAML is the second of the file. */
const LINES_BEFORE = 1
/** Where front matter begins. */
export const BEGINNING = 'line 1, column 1'

/** Finds and parses front matter. Lenient: byte-order marks, CRLF, tabs, and colons in unquoted values are read. */
export function parseFrontMatter(content: Uint8Array): FrontMatter {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return { ok: false, error: `${firstWrongByte(content)}: this is not UTF-8 text` }
  }
  const parts = splitFrontMatter(text)
  return parts.ok ? readYaml(parts.yaml) : parts
}

const LINE_END = /\r\n?|\n/g

/** Finds the front matter of a text, without reading further than it may be long. */
export function splitFrontMatter(text: string): SkillParts {
  const start = text.startsWith('\ufeff') ? 1 : 0
  const yaml: string[] = []
  let from = start
  for (let line = 0; ; line++) {
    LINE_END.lastIndex = from
    const end = LINE_END.exec(text)
    const content = text.slice(from, end?.index ?? text.length)
    const isFence = content.trimEnd() === '---'
    if (line === 0 && !isFence) return { ok: false, error: `${BEGINNING}: SKILL.md must begin with a line ---` }
    if (line > 0 && isFence) return { ok: true, yaml, body: end === null ? '' : text.slice(end.index + end[0].length) }
    if (line > 0) yaml.push(content)
    const place = inWords({ line: line + 1, column: 1 })
    if (end === null) return { ok: false, error: `${place}: the front matter has no closing line ---` }
    from = end.index + end[0].length
    if (from - start > MAX_CHARACTERS)
      return { ok: false, error: `${place}: the front matter is longer than ${MAX_CHARACTERS} characters` }
  }
}

/** Parses the lines of front matter. */
function readYaml(lines: readonly string[]): FrontMatter {
  const strict = parseYaml(lines.join('\n'))
  const { parsed, repairs } = strict.ok ? { parsed: strict, repairs: [] } : repaired(lines, strict)
  if (!parsed.ok) return { ok: false, error: `${inFile(parsed.position)}: ${parsed.problem}` }
  const { document, positionOf } = parsed
  return { ok: true, document, repairs, placeOf: (offset) => inFile(positionOf(offset)) }
}

/** What people write although YAML does not allow it, as others read it; as it was where that does not help. */
function repaired(lines: readonly string[], strict: ReturnType<typeof parseYaml>) {
  let changed = lines
  const repairs: string[] = []
  for (const [repair, change] of REPAIRS) {
    const next = change(changed)
    if (next.every((line, index) => line === changed[index])) continue
    repairs.push(repair)
    changed = next
    const parsed = parseYaml(changed.join('\n'))
    if (parsed.ok) return { parsed, repairs }
  }
  return { parsed: strict, repairs: [] }
}

const REPAIRS: readonly (readonly [repair: string, change: (lines: readonly string[]) => readonly string[]])[] = [
  ['lines should be indented by spaces, not by tabs', indentBySpaces],
  ['a value with a colon should be quoted', quoteValues],
]

function indentBySpaces(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/^[ \t]+/, (indent) => indent.replaceAll('\t', '  ')))
}

/**
 * Quotes each top-level `key: value` whose value is plain text, with the lines below that belong to it. The lines stay as
 * many as they are.
 */
function quoteValues(lines: readonly string[]): readonly string[] {
  const quoted: string[] = []
  for (let at = 0; at < lines.length; ) {
    const line = lines[at++] ?? ''
    const match = /^([A-Za-z_][\w-]*):[ \t]+(.*\S)\s*$/.exec(line)
    const [, key, value] = match ?? []
    if (value === undefined || /^["'|>[{&*!#]/.test(value)) {
      quoted.push(line)
      continue
    }
    const more: string[] = []
    while (/^[ \t]+\S/.test(lines[at] ?? '')) more.push((lines[at++] ?? '').trim())
    quoted.push(`${key}: ${JSON.stringify([value, ...more].join(' '))}`, ...more.map(() => ''))
  }
  return quoted
}

function firstWrongByte(content: Uint8Array): string {
  const before =
    new TextDecoder()
      .decode(content)
      .split('\ufffd', 1)[0]
      ?.split(/\r\n?|\n/) ?? []
  return inWords({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 })
}

function inFile({ line, column }: TextPosition): string {
  return inWords({ line: line + LINES_BEFORE, column })
}

function inWords({ line, column }: TextPosition): string {
  return `line ${line}, column ${column}`
}
