import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import { NODE_COLUMNS, type NodeRow, nodeColumns } from './nodes.ts'
import { walkInOrder } from './ordered-walk.ts'
import { comparePaths } from './paths.ts'
import { BELOW_EACH } from './postgres-queries.ts'
import type { Located } from './queries.ts'
import type { DirectoryAt } from './walk.ts'

// On SQLite a tree is walked in the order of its paths. On PostgreSQL, where each directory would be a round trip, one
// query descends and sorts in the server's process, and a cursor hands its rows over page by page.

/** Rows of a page: the event loop is kept by one at a time. */
const PAGE = 1_000

const NODE = nodeColumns('n')
const DESCEND = `with recursive tree (path, ${NODE_COLUMNS.join(', ')}) as (
  select (i.value ->> 1) collate "C" || '/' || n.name, ${NODE}
  from jsonb_array_elements($2::jsonb) as i(value) join nodes n on n.tenant = $1 and n.parent_id = (i.value ->> 0) collate "C"
  union all
  select t.path || '/' || n.name, ${NODE} from tree t ${BELOW_EACH}
  where t.kind = 'directory')
select * from tree where implicit = 0`
/** Takes the same parameters. */
const NOTHING = 'select 1 as one where $1 is null and $2 is null'
const OPEN: Statement['text'] = { sqlite: NOTHING, postgres: `declare below no scroll cursor for ${DESCEND}` }
const OPEN_SORTED: Statement['text'] = {
  sqlite: NOTHING,
  postgres: `declare below no scroll cursor for ${DESCEND} order by path`,
}
const FETCH: Statement['text'] = { sqlite: 'select 1 as to_be_walked', postgres: `fetch ${PAGE} from below` }
const CLOSE: Statement['text'] = { sqlite: 'select 1 as one', postgres: 'close below' }

type Fetched = NodeRow & { readonly path: string; readonly to_be_walked?: 1 }

/**
 * Everything below directories, none of which lies below another, but for directories that nobody made: all of it in the
 * order of its paths, or so much of it, in no order. Only for reads in one transaction, which long ones are.
 */
export function* allBelow(
  tree: string,
  directories: readonly DirectoryAt[],
  limit: number,
): Script<readonly Located[]> {
  const asked = JSON.stringify(directories.map(({ nodeId, path }) => [nodeId, path]))
  yield* all(limit === Infinity ? OPEN_SORTED : OPEN, tree, asked)
  const found: Located[] = []
  for (let more = true; more && found.length < limit; ) {
    const rows = yield* all<Fetched>(FETCH)
    if (rows[0]?.to_be_walked === 1) return yield* walked(tree, directories, limit)
    for (const node of rows) found.push({ path: node.path, node })
    more = rows.length === PAGE
  }
  yield* all(CLOSE)
  return found
}

function* walked(tree: string, directories: readonly DirectoryAt[], limit: number): Script<readonly Located[]> {
  const found: Located[] = []
  for (const directory of directories.toSorted((a, b) => comparePaths(`${a.path}/`, `${b.path}/`))) {
    if (found.length >= limit) break
    const options = { recursive: true, after: '', limit: limit - found.length }
    for (const one of yield* walkInOrder(tree, directory, options)) found.push(one)
  }
  return found
}
