import { all, first, type Script, type Statement } from '../../services/common/sql/script.ts'
import { sortedByPath } from '../files/paths.ts'
import { placeOf, SKILL_FILE, type SkillPlace } from './tiers.ts'

/** A skill of the index, with its place. */
export interface IndexedSkill extends SkillPlace {
  /** The tree that its path is in. */
  readonly tree: string
  /** Of the SKILL.md. */
  readonly nodeId: string
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

/** A skill as a look at the index found it. */
export interface FoundSkill extends IndexedSkill {
  /** The tree's `skillsSeq` when its row was written. */
  readonly changedSeq: number
}

/** A path of a tree, with what lies below it if `deep`. */
export interface Root {
  readonly tree: string
  readonly path: string
  readonly deep: boolean
}

/** What tells whether something in a tree has changed. */
export interface TreeMarks {
  /** The place in the outbox of the last entry that moves relationships. */
  readonly lastMove: number
  /** How often a row of the index was written. */
  readonly skillsSeq: number
}

interface SkillRow {
  readonly tree: string
  readonly node_id: string
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
  readonly changed_seq: number
}

const COLUMNS = `s.tenant as tree, s.node_id, s.path, s.name, s.description, s.version, s.author, s.requires,
  s.skill_created_at, s.skill_modified_at, s.warnings, s.error, s.changed_seq`

const IN_RANGE = `join skills s on s.tenant = r.value ->> 0 and s.tier <> ''
  and s.path >= r.value ->> 1 and s.path <= r.value ->> 2`
const IN_RANGES: Statement['text'] = {
  sqlite: `select ${COLUMNS} from json_each($1) r ${IN_RANGE}`,
  postgres: `select ${COLUMNS} from jsonb_array_elements($1::jsonb) as r(value) ${IN_RANGE}`,
}

/**
 * The skills at or below some paths that stand where skills are looked for, each once, by tree and by the bytes of their
 * paths. The cost follows what is found.
 */
export function* skillsBelow(roots: readonly Root[]): Script<readonly FoundSkill[]> {
  const ranges = roots.map(({ tree, path, deep }) => {
    if (!deep) return [tree, path, path]
    // '0' is the character after the slash. A root that is a SKILL.md itself has nothing below.
    if (path === '/') return [tree, '/', '0']
    return path.endsWith(FILE) ? [tree, path, path] : [tree, `${path}/`, `${path}0`]
  })
  const rows = yield* all<SkillRow>(IN_RANGES, JSON.stringify(ranges))
  const found = new Map<string, FoundSkill>()
  for (const row of rows) {
    const place = placeOf(row.path)
    if (place !== null && !found.has(row.node_id)) found.set(row.node_id, { ...place, ...fromRow(row) })
  }
  return sortedByPath([...found.values()])
}

const FILE = `/${SKILL_FILE}`

/** How often a tree was changed in ways that matter to lists of its skills. */
export function* readMarks(tree: string): Script<TreeMarks> {
  const row = yield* first<{ last_move_seq: number; skills_seq: number }>(
    'select last_move_seq, skills_seq from tenants where tenant = $1',
    tree,
  )
  return { lastMove: row?.last_move_seq ?? 0, skillsSeq: row?.skills_seq ?? 0 }
}

function fromRow(row: SkillRow): Omit<FoundSkill, keyof SkillPlace> {
  return {
    tree: row.tree,
    nodeId: row.node_id,
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
    changedSeq: row.changed_seq,
  }
}
