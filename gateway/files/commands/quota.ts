import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { first, type Script } from '../../../services/common/sql/script.ts'
import { SERVER_TREE } from '../paths.ts'

/** How much a tenant may hold: files, those in the trash included, and bytes of their newest versions. */
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
  if (!grew || tree === SERVER_TREE || (quota.files === null && quota.bytes === null)) return
  const used = yield* first<{ used_files: number; used_bytes: number }>(
    'select used_files, used_bytes from tenants where tenant = $1',
    tree,
  )
  const { used_files: files = 0, used_bytes: bytes = 0 } = used ?? {}
  if (quota.files !== null && files > quota.files) throw full('files', quota.files)
  if (quota.bytes !== null && bytes > quota.bytes) throw full('bytes', quota.bytes)
}

function full(what: string, limit: number): NexusError {
  return new NexusError(
    'STORAGE_FULL',
    `The tenant may hold ${limit} ${what}, the trash included, and this would be more; nothing was changed.`,
  )
}
