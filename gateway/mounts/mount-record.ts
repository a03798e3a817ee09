import type { JsonObject } from '../../services/common/json.ts'
import { all, first, type Script } from '../../services/common/sql/script.ts'

/** What is known of every mount, whether it serves or is only saved. */
export interface MountFacts {
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
  readonly createdAt: number
  readonly createdBy: string
}

/** The columns of it. */
export interface MountFactsRow {
  readonly tenant: string
  readonly mount_id: string
  readonly mount_point: string
  readonly backend_type: string
  readonly backend_config: string
  readonly priority: number
  readonly readonly: number
  readonly created_at: number
  readonly created_by: string
}

/** A back end that serves what lies below a point of a tree. It never changes; what is changed is mounted anew. */
export interface MountRecord extends MountFacts {
  /** The directory came into being with the mount, and goes with it. */
  readonly madeDirectory: boolean
}

interface MountRow extends MountFactsRow {
  readonly made_directory: number
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

/** What may be written of all that is mounted, in all tenants. */
export function* writableMounts(): Script<readonly Pick<MountRecord, 'tenant' | 'mountId'>[]> {
  const rows = yield* all<Pick<MountRow, 'tenant' | 'mount_id'>>(
    'select tenant, mount_id from mounts where readonly = 0 order by tenant, mount_id',
  )
  return rows.map(({ tenant, mount_id: mountId }) => ({ tenant, mountId }))
}

/** null if it was removed. */
export function* mountById(tenant: string, mountId: string): Script<MountRecord | null> {
  const row = yield* first<MountRow>('select * from mounts where tenant = $1 and mount_id = $2', tenant, mountId)
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: MountRow): MountRecord {
  return { ...mountFacts(row), madeDirectory: row.made_directory === 1 }
}

export function mountFacts(row: MountFactsRow): MountFacts {
  return {
    tenant: row.tenant,
    mountId: row.mount_id,
    mountPoint: row.mount_point,
    backendType: row.backend_type,
    config: JSON.parse(row.backend_config) as JsonObject,
    priority: row.priority,
    readonly: row.readonly === 1,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
