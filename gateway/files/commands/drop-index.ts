import { run, type Script } from '../../../services/common/sql/script.ts'

/** Skills of the trash are not listed; restoring indexes them again. Drops the rows of nodes and of all below them. */
export function* dropIndex(tree: string, nodeIds: readonly string[]): Script<void> {
  for (const table of ['skill_terms', 'skills']) {
    yield* run(
      {
        sqlite: dropIndexText(table, 'select value from json_each($2)'),
        postgres: dropIndexText(
          table,
          'select value collate "C" from jsonb_array_elements_text($2::jsonb) as i(value)',
        ),
      },
      tree,
      JSON.stringify(nodeIds),
    )
  }
}

// SQLite joins in this order, and not all nodes of the tenant with each directory.
function dropIndexText(table: string, start: string): string {
  return `with recursive tree (node_id) as (
  ${start}
  union all
  select n.node_id from tree t cross join nodes n where n.tenant = $1 and n.parent_id = t.node_id)
delete from ${table} where tenant = $1 and node_id in (select node_id from tree)`
}
