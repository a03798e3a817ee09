import { LineCounter, parseDocument, type Document } from 'yaml'

/** The YAML between the two `---` lines of a SKILL.md, or why there is none. */
export type FrontMatter =
  | { readonly ok: true; readonly document: Document.Parsed; readonly repaired: boolean }
  | { readonly ok: false; readonly error: string }

/** A SKILL.md taken apart. `yaml` has its lines without their ends; `body` begins after the closing line. */
export type SkillParts =
  | { readonly ok: true; readonly yaml: readonly string[]; readonly body: string }
  | { readonly ok: false; readonly error: string }

/** More than any description needs; YAML of a hostile size must not stop the server. */
const MAX_CHARACTERS = 65_536
/** The first line of YAML is the second of the file. */
const LINES_BEFORE = 1

/** Finds and parses front matter. Lenient: byte-order marks, CRLF, and colons in unquoted values are read. */
export function parseFrontMatter(content: Uint8Array): FrontMatter {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return { ok: false, error: 'SKILL.md is not UTF-8 text' }
  }
  const parts = splitFrontMatter(text)
  return parts.ok ? parseYaml(parts.yaml) : parts
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
    if (line === 0 && !isFence) return { ok: false, error: 'line 1, column 1: SKILL.md must begin with a line ---' }
    if (line > 0 && isFence) return { ok: true, yaml, body: end === null ? '' : text.slice(end.index + end[0].length) }
    if (line > 0) yaml.push(content)
    if (end === null) return { ok: false, error: 'the front matter has no closing line ---' }
    from = end.index + end[0].length
    if (from - start > MAX_CHARACTERS)
      return { ok: false, error: `the front matter is longer than ${MAX_CHARACTERS} characters` }
  }
}

/** Parses the lines of front matter. */
function parseYaml(lines: readonly string[]): FrontMatter {
  const strict = parse(lines)
  if (strict.errors.length === 0) return { ok: true, document: strict, repaired: false }
  // People write `description: Use this: ...`, which YAML does not allow; others read it as it was meant.
  const lenient = parse(lines.map(quoteValue))
  if (lenient.errors.length === 0) return { ok: true, document: lenient, repaired: true }
  const [first] = strict.errors
  const position = first?.linePos?.[0]
  const where = position === undefined ? '' : `line ${position.line + LINES_BEFORE}, column ${position.col}: `
  return {
    ok: false,
    error: `${where}${(first?.message ?? 'the YAML cannot be parsed').split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}`,
  }
}

function parse(lines: readonly string[]): Document.Parsed {
  return parseDocument(lines.join('\n'), {
    lineCounter: new LineCounter(),
    prettyErrors: true,
    uniqueKeys: true,
    logLevel: 'silent',
  })
}

/** A top-level `key: value` whose value is plain text that cannot stand without quotes. */
function quoteValue(line: string): string {
  const match = /^([A-Za-z_][\w-]*):[ \t]+(.*\S)\s*$/.exec(line)
  const value = match?.[2]
  if (match === null || value === undefined || /^["'|>[{&*!]/.test(value)) return line
  return `${match[1]}: ${JSON.stringify(value)}`
}
