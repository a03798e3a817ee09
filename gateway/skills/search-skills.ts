import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { SkillDeps } from './deps.ts'
import { listSkills } from './list-skills.ts'
import { rankSkills, type SearchableSkill } from './rank-skills.ts'
import type { IndexedSkill } from './skill-rows.ts'
import type { Tier } from './tiers.ts'
import { rawWords } from '../search/words.ts'

/** More words than anybody types; each costs a look at every skill. */
const MAX_WORDS = 32

export interface SearchFacts {
  readonly query: string
  readonly tier: Tier | undefined
  readonly limit: number
}

/**
 * The usable skills that have words of the query, or words that begin with them, in name, description, metadata or text;
 * the best first. How rare a word is, is counted among the skills that the caller can use: others leave no trace.
 */
export async function searchSkills(
  deps: SkillDeps,
  context: CallContext,
  { query, tier, limit }: SearchFacts,
): Promise<readonly { readonly skill: IndexedSkill; readonly score: number }[]> {
  const words = [...new Set(rawWords(query))]
  if (words.length > MAX_WORDS)
    throw new NexusError(
      'INVALID_PARAMS',
      `parameter 'query' has ${words.length} words; at most ${MAX_WORDS} are allowed`,
    )
  const { skills } = await listSkills(deps, context, tier)
  if (words.length === 0 || skills.length === 0) return []
  const { deadline } = context.scope
  const uses = await deps.db.read(() => termsOf(skills, words), { deadline, long: skills.length > MANY })
  const searchable = skills.map(
    (skill): SearchableSkill<IndexedSkill> => ({ skill, terms: uses.get(skill.nodeId) ?? [] }),
  )
  return rankSkills(searchable, words).slice(0, limit)
}

/** From how many skills on a search lets others run in between. */
const MANY = 1_000

const TERMS = (skills: string, words: string) => `select t.node_id, t.term, t.uses
from ${skills} cross join ${words} join skill_terms t on t.tenant = i.value ->> 0 and t.node_id = i.value ->> 1
  and t.term >= w.value ->> 0 and t.term < w.value ->> 1`
const TERMS_OF: Statement['text'] = {
  sqlite: TERMS('json_each($1) i', 'json_each($2) w'),
  postgres: TERMS('jsonb_array_elements($1::jsonb) as i(value)', 'jsonb_array_elements($2::jsonb) as w(value)'),
}

/** The words of each skill that begin with one of these. */
function* termsOf(
  skills: readonly IndexedSkill[],
  words: readonly string[],
): Script<ReadonlyMap<string, readonly (readonly [string, number])[]>> {
  const rows = yield* all<{ node_id: string; term: string; uses: number }>(
    TERMS_OF,
    JSON.stringify(skills.map(({ tree, nodeId }) => [tree, nodeId])),
    // Words are spelled in ASCII.
    JSON.stringify(words.map((word) => [word, `${word}~`])),
  )
  const found = new Map<string, [string, number][]>()
  for (const { node_id, term, uses } of rows) {
    const known = found.get(node_id)
    if (known === undefined) found.set(node_id, [[term, uses]])
    else known.push([term, uses])
  }
  return found
}
