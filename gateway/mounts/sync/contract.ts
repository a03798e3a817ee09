import type { CallContext } from '../../context.ts'
import type { SyncJob, SyncRequest, SyncStatus } from './sync-job.ts'

/** What a synchronisation did, or would do. */
export interface SyncResult {
  readonly filesScanned: number
  readonly filesCreated: number
  readonly filesUpdated: number
  readonly filesDeleted: number
  /** Contents that were brought into the content store. */
  readonly cacheSynced: number
  readonly cacheBytes: number
  /** Contents that were left where they are, because they are large. */
  readonly cacheSkipped: number
  /** What could not be taken over, one sentence each; not all of them if there are many. */
  readonly errors: readonly string[]
}

/** A synchronisation of one mount; `path` null: the mount point. */
export type SyncOptions = Omit<SyncRequest, 'path'> & { readonly path: string | null }

export interface SyncOfAll extends SyncResult {
  readonly mountsSynced: number
  readonly mountsSkipped: number
}

/**
 * Brings what is known of mounts to what their back ends have. Needs ownership of the mount point.
 * Errors: ACCESS_DENIED, INVALID_PARAMS if nothing is mounted there, MOUNT_UNAVAILABLE.
 */
export interface Syncs {
  /** Answers when it is done. Ends when the caller goes away. */
  run(context: CallContext, mountPoint: string, options: SyncOptions): Promise<SyncResult>
  /** All mounts of the tenant that the caller owns; one that fails is skipped, and says why. */
  runAll(context: CallContext, options: SyncOptions): Promise<SyncOfAll>
  /** Has it done by itself, also if this gateway ends meanwhile. */
  start(context: CallContext, mountPoint: string, options: SyncOptions): Promise<SyncJob>
  /** null: there is none, or it is about a mount that is not the caller's. */
  find(context: CallContext, jobId: string): Promise<SyncJob | null>
  /** The latest first. */
  list(
    context: CallContext,
    filter: { readonly mountPoint: string | null; readonly status: SyncStatus | null; readonly limit: number },
  ): Promise<readonly SyncJob[]>
  /** What the job was before; null as find. One that has ended stays as it is. */
  cancel(context: CallContext, jobId: string): Promise<SyncStatus | null>
}
