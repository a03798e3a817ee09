import type { JsonObject } from '../../services/common/json.ts'
import { all, type Script } from '../../services/common/sql/script.ts'

/** A directory that was registered as a workspace. Times are milliseconds since 1970. */
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

/** A tenant's workspaces in the order of their paths. */
export function* listWorkspaces(tenant: string): Script<readonly WorkspaceRecord[]> {
  const rows = yield* all<WorkspaceRow>('select * from workspaces where tenant = $1 order by path', tenant)
  return rows.map((row) => ({
    tenant: row.tenant,
    path: row.path,
    name: row.name,
    description: row.description,
    createdBy: row.created_by,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
  }))
}
