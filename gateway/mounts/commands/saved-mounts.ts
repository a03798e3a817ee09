import { all, first, type Script } from '../../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../../audit/commands.ts'
import type { SavedMount } from '../saved-mount-record.ts'

/** The transactions of saved mounts. */
export const savedMountCommands = {
  /** false if one is saved for this mount point already. */
  *saveMount({ mount, audit }: { readonly mount: SavedMount; readonly audit: AuditRow }): Script<boolean> {
    const row = yield* first(
      `insert into saved_mounts (tenant, mount_point, mount_id, backend_type, backend_config, priority, readonly,
  owner_user_id, description, created_at, updated_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) on conflict do nothing returning mount_id`,
      mount.tenant,
      mount.mountPoint,
      mount.mountId,
      mount.backendType,
      JSON.stringify(mount.config),
      mount.priority,
      mount.readonly ? 1 : 0,
      mount.ownerUserId,
      mount.description,
      mount.createdAt,
      mount.createdBy,
    )
    if (row === undefined) return false
    yield* insertAudit(audit)
    return true
  },

  /** false if there is none. */
  *deleteSavedMount(request: {
    readonly tenant: string
    readonly mountPoint: string
    readonly audit: AuditRow
  }): Script<boolean> {
    const { tenant, mountPoint, audit } = request
    const row = yield* first(
      'delete from saved_mounts where tenant = $1 and mount_point = $2 returning mount_id',
      tenant,
      mountPoint,
    )
    if (row === undefined) return false
    yield* insertAudit(audit)
    return true
  },

  /** Locks of gateways that died. Answers how many. */
  *dropOldMountLocks({ before }: { readonly before: number }): Script<number> {
    return (yield* all('delete from mount_locks where expires_at < $1 returning path', before)).length
  },
}
