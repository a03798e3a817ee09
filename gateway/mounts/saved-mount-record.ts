import { all, first, type Script } from '../../services/common/sql/script.ts'
import { type MountFacts, mountFacts, type MountFactsRow } from './mount-record.ts'

/** What shall be mounted when a gateway starts, or when somebody asks for it. */
export interface SavedMount extends MountFacts {
  readonly ownerUserId: string | null
  readonly description: string | null
  readonly updatedAt: number
}

interface SavedMountRow extends MountFactsRow {
  readonly owner_user_id: string | null
  readonly description: string | null
  readonly updated_at: number
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
    ...mountFacts(row),
    ownerUserId: row.owner_user_id,
    description: row.description,
    updatedAt: row.updated_at,
  }
}
