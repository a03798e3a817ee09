import type { JsonObject } from '../../services/common/json.ts'
import type { CallContext } from '../context.ts'
import type { ConnectorKind } from './connectors/catalogue.ts'
import type { SavedMount } from './saved-mount-record.ts'

/** What is mounted somewhere, as it may be shown. */
export interface Mount {
  readonly mountPoint: string
  readonly priority: number
  readonly readonly: boolean
  readonly backendType: string
}

/** What shall be mounted. */
export interface MountSpec {
  readonly backendType: string
  readonly config: JsonObject
  readonly priority: number
  readonly readonly: boolean
}

export interface SavedMountFacts {
  readonly ownerUserId: string | null
  readonly tenant: string | null
  readonly description: string | null
}

export interface RemovedMount {
  /** false: nothing is mounted there. */
  readonly removed: boolean
  readonly directoryDeleted: boolean
  /** How many relationships were forgotten with what was below. */
  readonly permissionsCleaned: number
}

/**
 * Back ends that serve parts of a tenant's tree. Mounting needs ownership of the directory above, everything else of the
 * mount point; being an administrator stands in for both. A mount is seen by those who may read its mount point.
 * Errors: ACCESS_DENIED whether or not something is there; INVALID_PARAMS, INVALID_PATH, FILE_EXISTS,
 * DIRECTORY_NOT_EMPTY, MOUNT_BUSY.
 */
export interface Mounts {
  /** The content store first; then by priority and length of the mount point, the greatest first. */
  list(context: CallContext): Promise<readonly Mount[]>
  /** What serves a mount point; null if nothing is mounted at it, or the caller may not read it. */
  find(context: CallContext, path: string): Promise<Mount | null>
  /** Mounts at a path with nothing below it; makes the directory. Answers the mount point. */
  add(context: CallContext, path: string, spec: MountSpec): Promise<string>
  /** Takes away what serves a mount point. What the back end has stays there. */
  remove(context: CallContext, path: string): Promise<RemovedMount>
  /** What can be mounted here. */
  readonly kinds: readonly ConnectorKind[]
  /** Keeps what shall be mounted. Answers its id. */
  save(context: CallContext, path: string, spec: MountSpec, facts: SavedMountFacts): Promise<string>
  /** Those whose mount point the caller owns, by mount point; secrets are masked. */
  listSaved(context: CallContext, filter: Omit<SavedMountFacts, 'description'>): Promise<readonly SavedMount[]>
  /** Mounts what is saved, if it is not mounted. Answers the mount point. */
  load(context: CallContext, path: string): Promise<string>
  /** What is mounted stays. false if nothing was saved. */
  deleteSaved(context: CallContext, path: string): Promise<boolean>
}
