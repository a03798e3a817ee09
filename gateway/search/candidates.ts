import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import type { QueryWord } from './words.ts'

/** A file whose name or text has all words of a query. */
export interface Candidate {
  readonly node_id: string
  readonly version: number
  readonly content_hash: string
  /** Higher is better; comparable within one answer only. */
  readonly score: number
  readonly by_name: number
  readonly by_text: number
}

/** A name that has the words says more of a file than its text. */
const NAME_WEIGHT = 4

/** `$2` as PostgreSQL spells it: words that stand beside one another must all be there. */
const QUERY = "to_tsquery('simple', replace(replace($2, '*', ':*'), ' ', ' & '))"

const CANDIDATES: Statement['text'] = {
  sqlite: candidatesText(
    `select n.node_id, -bm25(search_text_words) as score, 0 as by_name
from search_text_words w join search_texts t on t.id = w.rowid
join nodes n on n.content_hash = t.content_hash and n.tenant = $1 and n.kind = 'file' where search_text_words match $2`,
    `select s.node_id, ${NAME_WEIGHT} * -bm25(search_name_words), 1
from search_name_words w join search_names s on s.id = w.rowid and s.tenant = $1 where search_name_words match $2`,
  ),
  postgres: candidatesText(
    `select n.node_id, ts_rank(t.vector, ${QUERY}, 1) as score, 0 as by_name
from search_texts t join nodes n on n.content_hash = t.content_hash and n.tenant = $1 and n.kind = 'file'
where t.vector @@ ${QUERY}`,
    `select s.node_id, ${NAME_WEIGHT} * ts_rank(s.vector, ${QUERY}, 1), 1
from search_names s where s.tenant = $1 and s.vector @@ ${QUERY}`,
  ),
}

function candidatesText(texts: string, names: string): string {
  return `select n.node_id, n.version, n.content_hash, f.score, f.by_name, f.by_text from (
  select h.node_id, sum(h.score) as score, cast(max(h.by_name) as bigint) as by_name,
    cast(1 - min(h.by_name) as bigint) as by_text
  from (${texts}
  union all
  ${names}) h group by h.node_id) f
join nodes n on n.tenant = $1 and n.node_id = f.node_id
order by f.score desc, n.node_id limit $3`
}

/** The best candidates of a tree, also in the trash. */
export function candidates(tree: string, words: readonly QueryWord[], limit: number): Script<readonly Candidate[]> {
  // Words are letters and digits alone, and no operators of either engine.
  const query = words.map(({ word, prefix }) => (prefix ? `${word}*` : word)).join(' ')
  return all<Candidate>(CANDIDATES, tree, query, limit)
}

const PLACES: Statement['text'] = {
  sqlite: placesText('select value from json_each($2)'),
  postgres: placesText('select value collate "C" from jsonb_array_elements_text($2::jsonb) as i(value)'),
}

// SQLite joins in this order, and not all nodes of the tenant with each step.
function placesText(ids: string): string {
  return `with recursive up (node_id, parent_id, path) as (
  select n.node_id, n.parent_id, '/' || n.name from nodes n where n.tenant = $1 and n.node_id in (${ids})
  union all
  select u.node_id, n.parent_id, '/' || n.name || u.path from up u cross join nodes n where n.tenant = $1 and n.node_id = u.parent_id)
select node_id, path from up where parent_id = ''`
}

/** The paths of nodes; what is in the trash has none. */
export function* placesOf(tree: string, nodeIds: readonly string[]): Script<ReadonlyMap<string, string>> {
  const rows = yield* all<{ node_id: string; path: string }>(PLACES, tree, JSON.stringify(nodeIds))
  return new Map(rows.map(({ node_id, path }) => [node_id, path]))
}
