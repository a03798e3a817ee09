import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { first, type Script } from '../../../services/common/sql/script.ts'
import { SERVER_TREE } from '../paths.ts'

/** How much a tenant may hold: files, those in the trash and in mounts included, and bytes of their newest versions. */
export interface Quota {
  /** null: any number. */
  readonly files: number | null
  /** null: any number. */
  readonly bytes: number | null
}

/**
 * Whether what this transaction has made of a tenant is within its quota; the tenant is locked, so no other write is
 * between the two. Server-wide files belong to nobody and are not counted.
 * @throws NexusError STORAGE_FULL
 */
export function* checkQuota(tree: string, quota: Quota, grew: boolean): Script<void> {
  // Who holds too much already may still make it less.
  const excess = grew ? yield* excessOf(tree, quota, NO_GROWTH) : null
  if (excess !== null) throw full(excess, 'and this would be more; nothing was changed')
}

/**
 * Whether what a back end has can be known as well: each of its files takes part of the quota when it is seen first.
 * @throws NexusError STORAGE_FULL
 */
export function* checkMountedQuota(tree: string, quota: Quota, mountPoint: string): Script<void> {
  const excess = yield* excessOf(tree, quota, NO_GROWTH)
  if (excess !== null) throw full(excess, `and there is more at '${mountPoint}'; what is known of that stays as it was`)
}

/** Whether there is room for what is about to be written to a back end, which takes nothing back. @throws NexusError STORAGE_FULL */
export function* checkRoom(tree: string, quota: Quota, growth: Growth): Script<void> {
  const excess = growth.files > 0 || growth.bytes > 0 ? yield* excessOf(tree, quota, growth) : null
  if (excess !== null) throw full(excess, 'and this would be more; nothing was changed')
}

/** What comes to what a tenant holds. */
export interface Growth {
  readonly files: number
  readonly bytes: number
}

const NO_GROWTH: Growth = { files: 0, bytes: 0 }

interface Excess {
  readonly what: 'files' | 'bytes'
  readonly limit: number
}

function* excessOf(tree: string, quota: Quota, growth: Growth): Script<Excess | null> {
  if (tree === SERVER_TREE || (quota.files === null && quota.bytes === null)) return null
  const used = yield* first<{ used_files: number; used_bytes: number }>(
    'select used_files, used_bytes from tenants where tenant = $1',
    tree,
  )
  const files = (used?.used_files ?? 0) + growth.files
  const bytes = (used?.used_bytes ?? 0) + growth.bytes
  if (quota.files !== null && files > quota.files) return { what: 'files', limit: quota.files }
  if (quota.bytes !== null && bytes > quota.bytes) return { what: 'bytes', limit: quota.bytes }
  return null
}

function full({ what, limit }: Excess, why: string): NexusError {
  return new NexusError('STORAGE_FULL', `The tenant may hold ${limit} ${what}, the trash included, ${why}.`)
}
