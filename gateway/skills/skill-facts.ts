import { all, first, type Script } from '../../services/common/sql/script.ts'
import type { CallContext } from '../context.ts'
import { listVersions } from '../files/versions.ts'
import type { FileVersion } from '../files/contract.ts'
import { inParallelBySize } from '../in-parallel.ts'
import type { SkillDeps } from './deps.ts'
import { usableSkill } from './find-skill.ts'
import { readSkillDocument } from './skill-document.ts'
import type { IndexedSkill } from './skill-rows.ts'

/** A version of a SKILL.md, with what it calls itself. */
export interface SkillVersion {
  readonly file: FileVersion
  readonly skillVersion: string | null
}

/** The kept versions of a skill's SKILL.md, the newest first. */
export async function skillVersions(
  deps: SkillDeps,
  context: CallContext,
  name: string,
  limit: number,
): Promise<{ readonly skill: IndexedSkill; readonly versions: readonly SkillVersion[] }> {
  const { skill } = await usableSkill(deps, context, name)
  const files = (await listVersions(deps, context, skill.path)).slice(0, limit)
  const versions = await inParallelBySize(
    files.map((file) => ({
      bytes: file.size,
      run: async () => {
        const { version } = readSkillDocument('', await deps.contents.get(file.etag, file.size))
        return { file, skillVersion: version }
      },
    })),
  )
  return { skill, versions }
}

export interface SkillUsage {
  readonly kind: string
  readonly uses: number
  /** Milliseconds since 1970. */
  readonly lastUsedAt: number
}

/** How often a skill was used, by the kind of use. */
export async function skillUsage(
  deps: SkillDeps,
  context: CallContext,
  name: string,
): Promise<{ readonly skill: IndexedSkill; readonly usage: readonly SkillUsage[] }> {
  const { skill } = await usableSkill(deps, context, name)
  const { tree, nodeId } = skill
  // What waits is in neither place while it is being written.
  await deps.uses.flush()
  const rows = await deps.db.read(() => readUses(tree, nodeId), { deadline: context.scope.deadline })
  return { skill, usage: rows }
}

function* readUses(tree: string, nodeId: string): Script<readonly SkillUsage[]> {
  const rows = yield* all<{ kind: string; uses: number; last_used_at: number }>(
    'select kind, uses, last_used_at from skill_uses where tenant = $1 and node_id = $2 order by kind',
    tree,
    nodeId,
  )
  return rows.map(({ kind, uses, last_used_at }) => ({ kind, uses, lastUsedAt: last_used_at }))
}

export interface Lineage {
  readonly kind: string
  readonly sourceName: string
  readonly sourcePath: string
  readonly sourceVersion: string | null
  readonly sourceEtag: string
  readonly madeAt: number
  readonly madeBy: string
}

/** Where a skill comes from; null if it was not made from another one. */
export function* lineageOf({ tree, nodeId }: IndexedSkill): Script<Lineage | null> {
  const row = yield* first<Lineage>(
    `select kind, source_name as "sourceName", source_path as "sourcePath", source_version as "sourceVersion",
  source_etag as "sourceEtag", made_at as "madeAt", made_by as "madeBy"
from skill_lineage where tenant = $1 and node_id = $2`,
    tree,
    nodeId,
  )
  return row ?? null
}
