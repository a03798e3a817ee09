import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { all, type Script } from '../../../services/common/sql/script.ts'
import type { TreePath } from '../paths.ts'
import type { Lookup } from '../queries.ts'

/** Mount points at a path and below it, in the order of their paths. */
export function* mountPointsWithin({ tree, path }: Pick<TreePath, 'tree' | 'path'>): Script<readonly string[]> {
  const rows = yield* all<{ mount_point: string }>(
    {
      sqlite: `select mount_point from mounts where tenant = $1
  and (mount_point = $2 or substr(mount_point, 1, length($2) + 1) = $2 || '/') order by mount_point`,
      postgres: `select mount_point from mounts where tenant = $1
  and (mount_point = $2::text or substr(mount_point, 1, length($2::text) + 1) = $2::text || '/') order by mount_point`,
    },
    tree,
    path,
  )
  return rows.map((row) => row.mount_point)
}

/** Something is mounted where a change would take the mount point away. @throws NexusError MOUNT_BUSY */
export function* requireNoMounts(at: Pick<TreePath, 'tree' | 'path'>, action: string): Script<void> {
  const [point] = yield* mountPointsWithin(at)
  if (point === undefined) return
  throw new NexusError(
    'MOUNT_BUSY',
    `'${at.path}' cannot be ${action}: something is mounted at '${point}'; remove_mount takes it away first.`,
  )
}

/** What only the content store can do. @throws NexusError MOUNT_BUSY for a path in a mount */
export function requireOutsideMount({ path }: TreePath, { mountId }: Lookup, action: string): void {
  if (mountId === null) return
  throw new NexusError(
    'MOUNT_BUSY',
    `'${path}' cannot be ${action}: it lies in a mount, whose back end cannot do that.`,
  )
}

/** As requireOutsideMount, and nothing may be mounted further down. @throws NexusError MOUNT_BUSY */
export function* requireUnmounted(at: TreePath, found: Lookup, action: string): Script<void> {
  requireOutsideMount(at, found, action)
  yield* requireNoMounts(at, action)
}
