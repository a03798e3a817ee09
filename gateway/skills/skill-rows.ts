import { all, atOnce, first, type Script, type Statement } from '../../services/common/sql/script.ts'
import { sortedByPath } from '../files/paths.ts'
import { isAt, type KnownSkills } from './known-skills.ts'
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

/** Which row of the index it is, and as it was written when. */
export interface SkillPoint {
  readonly tree: string
  readonly node_id: string
  readonly path: string
  readonly changed_seq: number
}

interface SkillRow extends SkillPoint {
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

const COLUMNS = `s.tenant as tree, s.node_id, s.path, s.name, s.description, s.version, s.author, s.requires,
  s.skill_created_at, s.skill_modified_at, s.warnings, s.error, s.changed_seq`

const IN_RANGE = `join skills s on s.tenant = r.value ->> 0 and s.tier <> ''
  and s.path >= r.value ->> 1 and s.path <= r.value ->> 2`
// Little is read of each: the rest is in memory, or asked for.
const POINT = 's.tenant as tree, s.node_id, s.path, s.changed_seq'
const IN_RANGES: Statement['text'] = {
  sqlite: `select ${POINT} from json_each($1) r ${IN_RANGE}`,
  postgres: `select ${POINT} from jsonb_array_elements($1::jsonb) as r(value) ${IN_RANGE}`,
}

const BY_ID = 'join skills s on s.tenant = r.value ->> 0 and s.node_id = r.value ->> 1'
const ROWS: Statement['text'] = {
  sqlite: `select ${COLUMNS} from json_each($1) r ${BY_ID}`,
  postgres: `select ${COLUMNS} from jsonb_array_elements($1::jsonb) as r(value) ${BY_ID}`,
}

const MARKS = 'select last_move_seq, skills_seq from tenants where tenant = $1'

/**
 * The skills at or below some paths that stand where skills are looked for, each once, by tree and by the bytes of their
 * paths. The cost follows what is found.
 */
export function* skillsBelow(known: KnownSkills, roots: readonly Root[]): Script<readonly FoundSkill[]> {
  return (yield* skillsAndMarks(known, roots, '')).skills
}

/** The same, with the marks of a tree at that time or later. */
export function* skillsAndMarks(
  known: KnownSkills,
  roots: readonly Root[],
  tree: string,
): Script<{ readonly skills: readonly FoundSkill[]; readonly marks: TreeMarks }> {
  const ranges = { text: IN_RANGES, values: [JSON.stringify(rangesOf(roots))] }
  for (;;) {
    const [points = [], marks = []] = yield* atOnce([ranges, { text: MARKS, values: [tree] }])
    const skills = yield* skillsAt(known, points as unknown as readonly SkillPoint[])
    if (skills !== null) return { skills: sortedByPath(skills), marks: toMarks(marks[0] as unknown as MarksRow) }
  }
}

/** The skills at points of the index, each once; null if one was changed since. */
function* skillsAt(known: KnownSkills, points: readonly SkillPoint[]): Script<readonly FoundSkill[] | null> {
  const found = new Map<string, FoundSkill>()
  const missing = new Map<string, SkillPoint>()
  for (const point of points) {
    const skill = known.at(point)
    if (skill !== undefined) found.set(point.node_id, skill)
    else if (placeOf(point.path) !== null) missing.set(point.node_id, point)
  }
  if (missing.size === 0) return [...found.values()]
  const keys = [...missing.values()].map(({ tree, node_id }) => [tree, node_id])
  for (const row of yield* all<SkillRow>(ROWS, JSON.stringify(keys))) {
    const place = placeOf(row.path)
    const point = missing.get(row.node_id)
    if (place === null || point === undefined) continue
    const skill = { ...place, ...fromRow(row) }
    known.add(skill)
    if (!isAt(skill, point)) return null
    found.set(row.node_id, skill)
    missing.delete(row.node_id)
  }
  return missing.size === 0 ? [...found.values()] : null
}

const FILE = `/${SKILL_FILE}`

/** Of paths: the tree, the first and the last. */
function rangesOf(roots: readonly Root[]): readonly (readonly [string, string, string])[] {
  return roots.map(({ tree, path, deep }) => {
    if (!deep) return [tree, path, path]
    // '0' is the character after the slash. A root that is a SKILL.md itself has nothing below.
    if (path === '/') return [tree, '/', '0']
    return path.endsWith(FILE) ? [tree, path, path] : [tree, `${path}/`, `${path}0`]
  })
}

interface MarksRow {
  readonly last_move_seq: number
  readonly skills_seq: number
}

/** How often a tree was changed in ways that matter to lists of its skills. */
export function* readMarks(tree: string): Script<TreeMarks> {
  return toMarks(yield* first<MarksRow>(MARKS, tree))
}

function toMarks(row: MarksRow | undefined): TreeMarks {
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
