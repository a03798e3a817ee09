import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { MAX_ENTRIES } from './archive/read-archive.ts'
import { MAX_SKILL_BYTES } from './skill-directory.ts'

/** What an archive would hold: of how many skills, entries with its manifest, bytes before they are packed. */
export interface ArchiveTotal {
  readonly skills: number
  readonly entries: number
  readonly bytes: number
}

/** Whether an import would take it, by number and size. `name` is the skill that is exported. @throws NexusError TOO_LARGE */
export function requireOneArchive(name: string, { skills, entries, bytes }: ArchiveTotal): void {
  const files = MAX_ENTRIES - 1
  if (entries <= MAX_ENTRIES && bytes <= MAX_SKILL_BYTES) return
  const [total, limit] =
    entries > MAX_ENTRIES
      ? [`more than ${files} files and empty directories`, files]
      : [`${bytes} bytes`, MAX_SKILL_BYTES]
  const allowed = `at most ${limit} are exported at once`
  throw new NexusError(
    'TOO_LARGE',
    skills === 1
      ? `The skill '${name}' has ${total}; ${allowed}.`
      : `The skill '${name}' and the ${skills - 1} that it requires have ${total} together; ${allowed}: export them one by one, without include_dependencies.`,
  )
}
