import { all, type Script } from '../../services/common/sql/script.ts'
import { placeOf, type SkillPlace } from './tiers.ts'

/** A skill of the index, with its place. */
export interface IndexedSkill extends SkillPlace {
  /** The tree that its path is in. */
  readonly tree: string
  readonly nodeId: string
  /** Of the SKILL.md; it and the node say whether the row is still the same. */
  readonly fileVersion: number
  readonly path: string
  readonly name: string
  readonly description: string
  readonly version: string | null
  readonly author: string | null
  readonly requires: readonly string[]
  readonly createdAt: string | null
  readonly modifiedAt: string | null
  readonly warnings: readonly string[]
  readonly error: string | null
}

interface SkillRow {
  readonly tree: string
  readonly node_id: string
  readonly file_version: number
  readonly path: string
  readonly name: string
  readonly description: string
  readonly version: string | null
  readonly author: string | null
  readonly requires: string
  readonly skill_created_at: string | null
  readonly skill_modified_at: string | null
  readonly warnings: string
  readonly error: string | null
}

/** Climbs from each SKILL.md to the top; what is in the trash never gets there. */
const SKILLS = `with recursive up (tenant, node_id, parent_id, path, version) as (
  select s.tenant, s.node_id, n.parent_id, n.name, n.version
  from skills s join nodes n on n.tenant = s.tenant and n.node_id = s.node_id
  where s.tenant in ($1, $2)
  union all
  select u.tenant, u.node_id, p.parent_id, p.name || '/' || u.path, u.version
  from up u join nodes p on p.tenant = u.tenant and p.node_id = u.parent_id)
select u.tenant as tree, u.node_id, u.version as file_version, '/' || u.path as path, s.name, s.description, s.version, s.author,
  s.requires, s.skill_created_at, s.skill_modified_at, s.warnings, s.error
from up u join skills s on s.tenant = u.tenant and s.node_id = u.node_id
where u.parent_id = ''
order by path`

/** All skills of two trees that stand where skills are looked for, by the bytes of their paths. */
export function* readSkills(tree: string, otherTree: string): Script<readonly IndexedSkill[]> {
  const rows = yield* all<SkillRow>(SKILLS, tree, otherTree)
  return rows.flatMap((row) => {
    const place = placeOf(row.path)
    return place === null ? [] : [{ ...place, ...fromRow(row) }]
  })
}

function fromRow(row: SkillRow): Omit<IndexedSkill, keyof SkillPlace> {
  return {
    tree: row.tree,
    nodeId: row.node_id,
    fileVersion: row.file_version,
    path: row.path,
    name: row.name,
    description: row.description,
    version: row.version,
    author: row.author,
    requires: JSON.parse(row.requires) as string[],
    createdAt: row.skill_created_at,
    modifiedAt: row.skill_modified_at,
    warnings: JSON.parse(row.warnings) as string[],
    error: row.error,
  }
}
