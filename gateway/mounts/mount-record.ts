import type { JsonObject } from '../../services/common/json.ts'
import { all, first, type Script } from '../../services/common/sql/script.ts'

/** A back end that serves what lies below a point of a tree. It never changes; what is changed is mounted anew. */
export interface MountRecord {
  readonly tenant: string
  readonly mountId: string
  readonly mountPoint: string
  /** The name of a ConnectorKind. */
  readonly backendType: string
  /** With secrets. */
  readonly config: JsonObject
  /** Of mounts at one point the one of the highest priority serves it. */
  readonly priority: number
  readonly readonly: boolean
  /** The directory came into being with the mount, and goes with it. */
  readonly madeDirectory: boolean
  readonly createdAt: number
  readonly createdBy: string
}

interface MountRow {
  readonly tenant: string
  readonly mount_id: string
  readonly mount_point: string
  readonly backend_type: string
  readonly backend_config: string
  readonly priority: number
  readonly readonly: number
  readonly made_directory: number
  readonly created_at: number
  readonly created_by: string
}

/** What is mounted in a tenant: by priority, then by length of the mount point, the greatest first. */
export function* mountsOf(tenant: string): Script<readonly MountRecord[]> {
  const rows = yield* all<MountRow>(
    'select * from mounts where tenant = $1 order by priority desc, length(mount_point) desc, mount_point',
    tenant,
  )
  return rows.map(fromRow)
}

/** What is mounted at a point, the one that serves it first. */
export function* mountsAt(tenant: string, mountPoint: string): Script<readonly MountRecord[]> {
  const rows = yield* all<MountRow>(
    'select * from mounts where tenant = $1 and mount_point = $2 order by priority desc',
    tenant,
    mountPoint,
  )
  return rows.map(fromRow)
}

/** null if it was removed. */
export function* mountById(tenant: string, mountId: string): Script<MountRecord | null> {
  const row = yield* first<MountRow>('select * from mounts where tenant = $1 and mount_id = $2', tenant, mountId)
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: MountRow): MountRecord {
  return {
    tenant: row.tenant,
    mountId: row.mount_id,
    mountPoint: row.mount_point,
    backendType: row.backend_type,
    config: JSON.parse(row.backend_config) as JsonObject,
    priority: row.priority,
    readonly: row.readonly === 1,
    madeDirectory: row.made_directory === 1,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
