import { setImmediate as nextTurn } from 'node:timers/promises'
import { readSkillDocument } from '../skill-document.ts'
import { SKILL_FILE } from '../tiers.ts'
import { type ArchiveEntry, readArchive } from './read-archive.ts'

/** What an export adds beside the directories of skills. */
export const MANIFEST = 'manifest.json'
/** What desktops put into archives. */
const JUNK = /(?:^|\/)(?:__MACOSX(?:\/|$)|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i

/** A skill of an archive. */
export interface ArchivedSkill {
  /** Of its directory, and in its front matter. */
  readonly name: string
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[]
  /** Directories in which nothing is. */
  readonly empty: readonly string[]
}

/** An archive of skills, as it was judged. With errors there is nothing to be imported. */
export interface SkillArchive {
  readonly skills: readonly ArchivedSkill[]
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/** Reads and judges an archive: at its top there is a directory for each skill, with the name that its SKILL.md says. */
export async function readSkillArchive(bytes: Uint8Array): Promise<SkillArchive> {
  const { entries, problems } = await readArchive(bytes)
  if (problems.length > 0) return { skills: [], errors: problems, warnings: [] }
  const errors: string[] = []
  const warnings: string[] = []
  const junk = entries.filter(({ path }) => JUNK.test(path))
  if (junk.length > 0) warnings.push(`left out: ${junk.length} files of a desktop, such as "${junk[0]?.path}"`)
  const directories = new Map<string, ArchiveEntry[]>()
  for (const entry of entries) {
    if (JUNK.test(entry.path)) continue
    const [top = '', ...below] = entry.path.split('/')
    if (below.length === 0 && entry.content !== null) {
      if (top !== MANIFEST) errors.push(`"${top}" stands outside of a skill's directory`)
      continue
    }
    const inside = directories.get(top) ?? []
    if (below.length > 0) inside.push({ ...entry, path: below.join('/') })
    directories.set(top, inside)
  }
  if (directories.size === 0) errors.push(`the archive holds no directory with a ${SKILL_FILE}`)
  const skills: ArchivedSkill[] = []
  for (const [name, inside] of directories) {
    // Others have their turn between the skills of a stranger who sent a thousand.
    await nextTurn()
    const judged = judge(name, inside)
    errors.push(...judged.errors.map((problem) => `${name}: ${problem}`))
    warnings.push(...judged.warnings.map((warning) => `${name}: ${warning}`))
    if (judged.errors.length === 0) skills.push(skillOf(name, inside))
  }
  return { skills, errors, warnings }
}

function judge(
  name: string,
  inside: readonly ArchiveEntry[],
): { readonly errors: readonly string[]; readonly warnings: readonly string[] } {
  const file = inside.find(({ path }) => path === SKILL_FILE)
  if (file === undefined || file.content === null) {
    const similar = inside.find(({ path }) => path.toLowerCase() === SKILL_FILE.toLowerCase())
    const hint = similar === undefined ? '' : `; "${similar.path}" has to be named so`
    return { errors: [`there is no ${SKILL_FILE} in it${hint}`], warnings: [] }
  }
  const document = readSkillDocument(name, file.content)
  if (document.error !== null) return { errors: [`${SKILL_FILE}: ${document.error}`], warnings: [] }
  if (document.name !== name)
    return { errors: [`its ${SKILL_FILE} says "${document.name}"; directory and name must be the same`], warnings: [] }
  return { errors: [], warnings: document.warnings }
}

function skillOf(name: string, inside: readonly ArchiveEntry[]): ArchivedSkill {
  const holding = new Set(inside.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))
  return {
    name,
    files: inside.flatMap(({ path, content }) => (content === null ? [] : [{ path, content }])),
    empty: inside.flatMap(({ path, content }) => (content === null && !holding.has(path) ? [path] : [])),
  }
}
