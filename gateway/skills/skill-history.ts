import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { all, first, type Script, type Statement } from '../../services/common/sql/script.ts'
import type { CallContext } from '../context.ts'
import { parentPath } from '../files/paths.ts'
import type { SkillDeps } from './deps.ts'
import { directoryOf, usableSkill } from './find-skill.ts'
import type { IndexedSkill } from './skill-rows.ts'

/** A line of the audit trail about a skill, or about a file of it. */
export interface SkillEvent {
  readonly at: number
  readonly actor: string
  readonly action: string
  /** The one that it had then. */
  readonly path: string
  readonly outcome: string
  readonly detail: string | null
}

/**
 * Who did what to a skill since its directory was made, the newest first, by whatever paths it had meanwhile. Needs
 * ownership of it. @throws NexusError ACCESS_DENIED, VALIDATION_FAILED
 */
export async function skillHistory(
  deps: SkillDeps,
  context: CallContext,
  name: string,
  limit: number,
): Promise<{ readonly skill: IndexedSkill; readonly events: readonly SkillEvent[] }> {
  const { skill } = await usableSkill(deps, context, name)
  const at = directoryOf(skill)
  const question = { path: at.path, access: 'execute' } as const
  if (!(await deps.guard.allows(context, at.tree, 'skills_audit', question)))
    throw deps.guard.denial(context, 'skills_audit', question)
  const { deadline } = context.scope
  // It may have been renamed any number of times.
  const events = await deps.db.read(() => readHistory(skill, limit), { deadline, long: true })
  return { skill, events }
}

/** A place in the audit trail. */
interface Moment {
  readonly at: number
  readonly entry_id: string
}

/** A rename that brought something to a path. */
interface Arrival extends Moment {
  readonly path: string
  readonly to: string
}

const DIRECTORY_MADE_AT = `select d.created_at from nodes f join nodes d on d.tenant = f.tenant and d.node_id = f.parent_id
where f.tenant = $1 and f.node_id = $2`

/**
 * Goes back from where the skill stands: while it stood at a path nothing else could be renamed to that one or to a
 * directory above, so the last such rename is the one that brought it there.
 */
function* readHistory({ tree, nodeId, path, name }: IndexedSkill, limit: number): Script<readonly SkillEvent[]> {
  const directory = yield* first<{ created_at: number }>(DIRECTORY_MADE_AT, tree, nodeId)
  if (directory === undefined) throw new NexusError('VALIDATION_FAILED', `Skill not found: ${name}`)
  const made: Moment = { at: directory.created_at, entry_id: '' }
  const events: SkillEvent[] = []
  let place = parentPath(path)
  let until: Moment = { at: Number.MAX_SAFE_INTEGER, entry_id: '' }
  for (;;) {
    const arrival = yield* lastArrival(tree, place, made, until)
    events.push(...(yield* eventsAt(tree, place, arrival ?? made, until, limit - events.length)))
    if (arrival === undefined || events.length === limit) return events
    place = arrival.path + place.slice(arrival.to.length)
    until = arrival
  }
}

const ARRIVAL: Statement['text'] = {
  sqlite: arrivalAmong('json_each($2) c', "(r.detail ->> 'to')"),
  postgres: arrivalAmong('jsonb_array_elements_text($2::jsonb) as c(value)', "(r.detail::jsonb ->> 'to')"),
}

/**
 * For each path the last one, found by an index; of these the last. The cross join keeps SQLite from going through the
 * whole trail.
 */
function arrivalAmong(paths: string, target: string): string {
  return `select a.at, a.entry_id, a.path, c.value as "to" from ${paths} cross join audit a where a.tenant = $1 and a.entry_id =
  (select r.entry_id from audit r where r.tenant = $1 and r.action = 'rename' and r.outcome = 'ok' and ${target} = c.value
    and r.at >= $3 and (r.at, r.entry_id) < ($4, $5) order by r.at desc, r.entry_id desc limit 1)
order by a.at desc, a.entry_id desc limit 1`
}

/** The last rename to a path, or to a directory above it. */
function lastArrival(tree: string, path: string, since: Moment, before: Moment): Script<Arrival | undefined> {
  const paths: string[] = []
  for (let above = path; above !== '/'; above = parentPath(above)) paths.push(above)
  return first<Arrival>(ARRIVAL, tree, JSON.stringify(paths), since.at, before.at, before.entry_id)
}

/** What was done at a path and below it, the newest first: from after `since` through `until`. */
function eventsAt(
  tree: string,
  path: string,
  since: Moment,
  until: Moment,
  limit: number,
): Script<readonly SkillEvent[]> {
  return all<SkillEvent>(
    `select at, actor, action, path, outcome, detail from audit
where tenant = $1 and (path = $2 or (path > $3 and path < $4))
  and (at, entry_id) > ($5, $6) and (at, entry_id) <= ($7, $8) order by at desc, entry_id desc limit $9`,
    tree,
    path,
    `${path}/`,
    // The character after the slash.
    `${path}0`,
    since.at,
    since.entry_id,
    until.at,
    until.entry_id,
    limit,
  )
}
