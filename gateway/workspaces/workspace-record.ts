import type { JsonObject } from '../../services/common/json.ts'
import { all, first, type Script } from '../../services/common/sql/script.ts'

/** What a directory is registered as. */
export type Registry = 'workspace' | 'memory'

/** Both tables have the same columns. */
export const REGISTRY_TABLES: Readonly<Record<Registry, string>> = {
  workspace: 'workspaces',
  memory: 'memory_directories',
}

/** A directory that was registered, as a workspace or as a memory. Times are milliseconds since 1970. */
export interface WorkspaceRecord {
  readonly tenant: string
  readonly path: string
  readonly name: string | null
  readonly description: string | null
  readonly createdBy: string | null
  readonly metadata: JsonObject
  readonly createdAt: number
}

interface WorkspaceRow {
  readonly tenant: string
  readonly path: string
  readonly name: string | null
  readonly description: string | null
  readonly created_by: string | null
  readonly metadata: string
  readonly created_at: number
}

/** What is registered in a tenant, in the order of the paths. */
export function* listRegistered(registry: Registry, tenant: string): Script<readonly WorkspaceRecord[]> {
  const table = REGISTRY_TABLES[registry]
  const rows = yield* all<WorkspaceRow>(`select * from ${table} where tenant = $1 order by path`, tenant)
  return rows.map(fromRow)
}

/** What is registered at a path, or null. */
export function* findRegistered(registry: Registry, tenant: string, path: string): Script<WorkspaceRecord | null> {
  const table = REGISTRY_TABLES[registry]
  const row = yield* first<WorkspaceRow>(`select * from ${table} where tenant = $1 and path = $2`, tenant, path)
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: WorkspaceRow): WorkspaceRecord {
  return {
    tenant: row.tenant,
    path: row.path,
    name: row.name,
    description: row.description,
    createdBy: row.created_by,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
  }
}
