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
  readonly tags: readonly string[]
  /** What the client calls the session that it registered it for; null: none. */
  readonly sessionId: string | null
  readonly createdAt: number
  /** The registration ends then, and the directory stays; null: never. */
  readonly expiresAt: number | null
}

interface WorkspaceRow {
  readonly tenant: string
  readonly path: string
  readonly name: string | null
  readonly description: string | null
  readonly created_by: string | null
  readonly metadata: string
  readonly tags: string
  readonly session_id: string | null
  readonly created_at: number
  readonly expires_at: number | null
}

/** What has expired counts as not registered. */
const valid = (now: string): string => `(expires_at is null or expires_at > ${now})`

/** What is registered in a tenant, in the order of the paths. */
export function* listRegistered(registry: Registry, tenant: string, now: number): Script<readonly WorkspaceRecord[]> {
  const table = REGISTRY_TABLES[registry]
  const query = `select * from ${table} where tenant = $1 and ${valid('$2')} order by path`
  const rows = yield* all<WorkspaceRow>(query, tenant, now)
  return rows.map(fromRow)
}

/** What is registered at a path, or null. */
export function* findRegistered(
  registry: Registry,
  tenant: string,
  path: string,
  now: number,
): Script<WorkspaceRecord | null> {
  const query = `select * from ${REGISTRY_TABLES[registry]} where tenant = $1 and path = $2 and ${valid('$3')}`
  const row = yield* first<WorkspaceRow>(query, tenant, path, now)
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
    tags: JSON.parse(row.tags) as readonly string[],
    sessionId: row.session_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
