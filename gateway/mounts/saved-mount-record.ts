import type { JsonObject } from '../../services/common/json.ts'
import { all, first, type Script } from '../../services/common/sql/script.ts'

/** What shall be mounted when a gateway starts, or when somebody asks for it. */
export interface SavedMount {
  readonly tenant: string
  readonly mountId: string
  readonly mountPoint: string
  readonly backendType: string
  /** With secrets. */
  readonly config: JsonObject
  readonly priority: number
  readonly readonly: boolean
  readonly ownerUserId: string | null
  readonly description: string | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdBy: string
}

interface SavedMountRow {
  readonly tenant: string
  readonly mount_id: string
  readonly mount_point: string
  readonly backend_type: string
  readonly backend_config: string
  readonly priority: number
  readonly readonly: number
  readonly owner_user_id: string | null
  readonly description: string | null
  readonly created_at: number
  readonly updated_at: number
  readonly created_by: string
}

/** Those of a tenant, by mount point. */
export function* savedMountsOf(tenant: string): Script<readonly SavedMount[]> {
  const rows = yield* all<SavedMountRow>('select * from saved_mounts where tenant = $1 order by mount_point', tenant)
  return rows.map(fromRow)
}

export function* savedMountAt(tenant: string, mountPoint: string): Script<SavedMount | null> {
  const row = yield* first<SavedMountRow>(
    'select * from saved_mounts where tenant = $1 and mount_point = $2',
    tenant,
    mountPoint,
  )
  return row === undefined ? null : fromRow(row)
}

/** Those of all tenants that are not mounted. Those above come before those below. */
export function* savedMountsToLoad(): Script<readonly SavedMount[]> {
  const rows = yield* all<SavedMountRow>(
    `select s.* from saved_mounts s where not exists (select 1 from mounts m
  where m.tenant = s.tenant and m.mount_point = s.mount_point and m.priority = s.priority)
order by length(s.mount_point), s.mount_point`,
  )
  return rows.map(fromRow)
}

function fromRow(row: SavedMountRow): SavedMount {
  return {
    tenant: row.tenant,
    mountId: row.mount_id,
    mountPoint: row.mount_point,
    backendType: row.backend_type,
    config: JSON.parse(row.backend_config) as JsonObject,
    priority: row.priority,
    readonly: row.readonly === 1,
    ownerUserId: row.owner_user_id,
    description: row.description,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
  }
}
