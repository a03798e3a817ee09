import { first, run, type Script, type Statement } from '../../../services/common/sql/script.ts'
import { placeOf } from '../../skills/tiers.ts'
import type { IndexRow } from '../indexer.ts'
import { ROOT_ID } from '../nodes.ts'

/** A file of the index. */
export interface IndexedNode {
  readonly tree: string
  readonly nodeId: string
  readonly path: string
}

/** Puts a file's row of the index in the place of the one before; null: it has none. The tree is locked. */
export function* storeIndex(node: IndexedNode, row: IndexRow | null, created: boolean): Script<void> {
  const { tree, nodeId, path } = node
  if (row === null) {
    if (!created) for (const table of ['skills', 'skill_terms']) yield* dropRow(table, node)
    return
  }
  yield* run('update tenants set skills_seq = skills_seq + 1 where tenant = $1', tree)
  yield* run(
    `insert into skills (tenant, node_id, path, tier, name, description, version, author, requires, metadata,
  skill_created_at, skill_modified_at, warnings, error, changed_seq)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, (select skills_seq from tenants where tenant = $1))
on conflict (tenant, node_id) do update set path = excluded.path, tier = excluded.tier, name = excluded.name,
  description = excluded.description, version = excluded.version, author = excluded.author,
  requires = excluded.requires, metadata = excluded.metadata, skill_created_at = excluded.skill_created_at,
  skill_modified_at = excluded.skill_modified_at, warnings = excluded.warnings, error = excluded.error,
  changed_seq = excluded.changed_seq`,
    tree,
    nodeId,
    path,
    placeOf(path)?.tier ?? '',
    row.name,
    row.description,
    row.version,
    row.author,
    row.requires,
    row.metadata,
    row.skillCreatedAt,
    row.skillModifiedAt,
    row.warnings,
    row.error,
  )
  if (!created) yield* dropRow('skill_terms', node)
  if (row.terms.length > 0) yield* run(STORE_TERMS, tree, nodeId, JSON.stringify(row.terms))
}

/** Where a node stands now; '' if it is in the trash. */
export function* currentPath(tree: string, nodeId: string): Script<string> {
  let path = ''
  for (let id = nodeId; id !== ROOT_ID; ) {
    const node = yield* first<{ parent_id: string; name: string }>(
      'select parent_id, name from nodes where tenant = $1 and node_id = $2',
      tree,
      id,
    )
    if (node === undefined) return ''
    path = `/${node.name}${path}`
    id = node.parent_id
  }
  return path
}

function dropRow(table: string, { tree, nodeId }: IndexedNode): Script<void> {
  return run(`delete from ${table} where tenant = $1 and node_id = $2`, tree, nodeId)
}

const STORE_TERMS: Statement['text'] = {
  sqlite: `insert into skill_terms (tenant, node_id, term, uses)
select $1, $2, t.value ->> 0, t.value ->> 1 from json_each($3) t`,
  postgres: `insert into skill_terms (tenant, node_id, term, uses)
select $1, $2, t.value ->> 0, (t.value ->> 1)::bigint from jsonb_array_elements($3::jsonb) as t(value)`,
}
