import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { nameProblem } from './archive/entry-names.ts'
import { type ArchiveEntry, MAX_ENTRIES } from './archive/read-archive.ts'
import { MANIFEST } from './archive/skill-archive.ts'
import { writeArchive } from './archive/write-archive.ts'
import { resolveDependencies } from './dependencies.ts'
import type { SkillDeps } from './deps.ts'
import { requireOneArchive } from './export-limits.ts'
import { directoryOf, skillOf, usableSkill } from './find-skill.ts'
import { contentsOf, type SkillDirectory, skillDirectory } from './skill-directory.ts'
import type { IndexedSkill } from './skill-rows.ts'

export const EXPORT_FORMATS = ['generic', 'claude'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** What Claude accepts as an upload, in bytes. */
const CLAUDE_LIMIT = 8 * 1_048_576

export interface ExportFacts {
  readonly name: string
  readonly format: ExportFormat
  readonly withDependencies: boolean
}

/** A skill as a zip file, which an import takes back: all of its files, each as it is. @throws NexusError VALIDATION_FAILED, ACCESS_DENIED, TOO_LARGE */
export async function exportSkill(
  deps: SkillDeps,
  context: CallContext,
  { name, format, withDependencies }: ExportFacts,
): Promise<{ readonly skill: IndexedSkill; readonly archive: Buffer }> {
  const { skill, list } = await usableSkill(deps, context, name)
  const names = withDependencies ? resolveDependencies(skill, list.skills) : []
  const exported = [...names.map((dependency) => skillOf(list, dependency)), skill]
  const directories = await directoriesOf(deps, context, exported)
  const entries: ArchiveEntry[] = []
  for (const one of directories) entries.push(...(await entriesOf(deps, context, one)))
  const files = entries.filter(({ content }) => content !== null)
  const manifest = {
    name: skill.name,
    version: skill.version,
    format,
    files: files.map(({ path }) => path).toSorted(),
    total_size_bytes: files.reduce((sum, { content }) => sum + (content?.byteLength ?? 0), 0),
  }
  const archive = await writeArchive([
    ...entries,
    { path: MANIFEST, content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
  ])
  if (format === 'claude' && archive.length > CLAUDE_LIMIT) {
    throw new NexusError(
      'VALIDATION_FAILED',
      `The archive of '${skill.name}' has ${archive.length} bytes; the format 'claude' allows at most ${CLAUDE_LIMIT}.`,
    )
  }
  deps.uses.note(skill, 'export', context.now)
  return { skill, archive }
}

interface Exported {
  readonly skill: IndexedSkill
  readonly directory: SkillDirectory
}

/** What lies in the directories of skills, if one archive may hold it. No content is read. @throws NexusError TOO_LARGE, ACCESS_DENIED */
async function directoriesOf(
  deps: SkillDeps,
  context: CallContext,
  skills: readonly IndexedSkill[],
): Promise<readonly Exported[]> {
  const found: Exported[] = []
  // The manifest is an entry as well.
  const total = { skills: skills.length, entries: 1, bytes: 0 }
  for (const skill of skills) {
    const directory = await skillDirectory(deps, context, skill)
    found.push({ skill, directory })
    total.entries += directory.files.length + directory.empty.length
    total.bytes += directory.files.reduce((sum, { size }) => sum + size, 0)
    // All of what is found is held until the last is found.
    if (total.entries > MAX_ENTRIES) break
  }
  requireOneArchive(skills.at(-1)?.name ?? '', total)
  return found
}

/** Its files, below a directory with its name, as an import wants it. */
async function entriesOf(
  deps: SkillDeps,
  context: CallContext,
  { skill, directory }: Exported,
): Promise<ArchiveEntry[]> {
  const isComponent = nameProblem(skill.name) === null && !skill.name.includes('/')
  const top = isComponent ? skill.name : (directoryOf(skill).components.at(-1) ?? '')
  const contents = await contentsOf(deps, context, directory)
  return [
    ...contents.map(({ path, content }) => ({ path: `${top}/${path}`, content })),
    ...directory.empty.map((path) => ({ path: `${top}/${path}`, content: null })),
  ]
}
