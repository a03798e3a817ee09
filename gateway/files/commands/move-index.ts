import { all, run, type Script, type Statement } from '../../../services/common/sql/script.ts'
import { placeOf } from '../../skills/tiers.ts'

const MOVE: Statement['text'] = {
  sqlite: `update skills set path = m.value ->> 1, tier = m.value ->> 2
from json_each($2) m where skills.tenant = $1 and skills.node_id = m.value ->> 0`,
  postgres: `update skills set path = m.value ->> 1, tier = m.value ->> 2
from jsonb_array_elements($2::jsonb) as m(value) where skills.tenant = $1 and skills.node_id = m.value ->> 0`,
}

/** Rows of the index follow what stands at a path, or below it, to another path. */
export function* moveIndex(tree: string, from: string, to: string): Script<void> {
  const rows = yield* all<{ node_id: string; path: string }>(
    `select node_id, path from skills where tenant = $1 and (path = $2 or (path > $3 and path < $4))`,
    tree,
    from,
    `${from}/`,
    // The character after the slash.
    `${from}0`,
  )
  if (rows.length === 0) return
  const moved = rows.map((row) => {
    const path = `${to}${row.path.slice(from.length)}`
    return [row.node_id, path, placeOf(path)?.tier ?? '']
  })
  yield* run(MOVE, tree, JSON.stringify(moved))
}
