import { run, type Script } from '../../../services/common/sql/script.ts'
import type { IndexRow } from '../indexer.ts'

/** Puts a file's row of the index in the place of the one before; null: it has none. */
export function* storeIndex(tree: string, nodeId: string, row: IndexRow | null, created: boolean): Script<void> {
  if (row === null) {
    if (!created) yield* run('delete from skills where tenant = $1 and node_id = $2', tree, nodeId)
    return
  }
  yield* run(
    `insert into skills (tenant, node_id, name, description, version, author, requires, metadata,
  skill_created_at, skill_modified_at, warnings, error)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (tenant, node_id) do update set name = excluded.name, description = excluded.description,
  version = excluded.version, author = excluded.author, requires = excluded.requires, metadata = excluded.metadata,
  skill_created_at = excluded.skill_created_at, skill_modified_at = excluded.skill_modified_at,
  warnings = excluded.warnings, error = excluded.error`,
    tree,
    nodeId,
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
}
