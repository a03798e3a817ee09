import { v7 as uuidv7 } from 'uuid'
import { auditRow } from '../../audit/audit-row.ts'
import { NexusError, toNexusError } from '../../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../../context.ts'
import { resolveFilePath, type TreePath } from '../../files/paths.ts'
import { objectName } from '../../relationships/object-name.ts'
import type { BackEnd } from '../back-ends.ts'
import type { MountsDeps } from '../create-mounts.ts'
import { mountsAt, mountsOf } from '../mount-record.ts'
import { mountPointOf, requireOwner } from '../mount-rights.ts'
import type { SyncOfAll, SyncOptions, SyncResult, Syncs } from './contract.ts'
import { type SyncJob, type SyncRequest, syncJob, syncJobs } from './sync-job.ts'
import { checkPatterns, type SyncHooks, syncMount } from './sync-mount.ts'
import type { SyncRunner } from './sync-runner.ts'

/** Jobs that ended are kept this long, in milliseconds. */
const KEPT_MS = 30 * 86_400_000
/** One who waits for the end of a synchronisation waits no longer than this, in milliseconds. */
const PATIENCE_MS = 600_000

export interface SyncsDeps extends MountsDeps {
  readonly runner: SyncRunner
  /** Larger contents are left where they are, in bytes. */
  readonly largest: number
}

export function createSyncs(deps: SyncsDeps): Syncs {
  const { files, runner, largest } = deps
  const { db } = files

  /** What serves a mount point of the caller's. */
  async function own(context: CallContext, mountPoint: string, action: string): Promise<BackEnd> {
    const at = mountPointOf(context, mountPoint)
    await requireOwner(deps, context, at.path, action)
    return await serving(deps, context, at)
  }

  async function runNow(context: CallContext, backEnd: BackEnd, options: SyncOptions): Promise<SyncResult> {
    return await syncMount(files, backEnd, requestOf(backEnd, options), { largest, check: untilGone(context) })
  }

  /** A job that the caller may know of, with its mount point. */
  async function known(context: CallContext, jobId: string): Promise<SyncJob | null> {
    const job = await db.read(() => syncJob(context.caller.tenant, jobId), { deadline: context.scope.deadline })
    const [mine = null] = job === null ? [] : await ownOf(deps, context, [job])
    return mine
  }

  return {
    async run(context, mountPoint, options) {
      return await runNow(context, await own(context, mountPoint, 'sync_mount'), options)
    },

    async runAll(context, options) {
      const { tenant } = context.caller
      const mounts = await db.read(() => mountsOf(tenant), { deadline: context.scope.deadline })
      let total: SyncOfAll = { ...NOTHING, mountsSynced: 0, mountsSkipped: 0 }
      for (const { mountPoint } of await ownOf(deps, context, firstOfEach(mounts))) {
        try {
          const backEnd = await serving(deps, context, resolveFilePath(mountPoint, tenant))
          total = plus(total, await runNow(context, backEnd, options))
        } catch (error) {
          const { message, reason } = toNexusError(error)
          if (reason === 'CANCELLED' || reason === 'INTERNAL') throw error
          total = {
            ...total,
            mountsSkipped: total.mountsSkipped + 1,
            errors: [...total.errors, `${mountPoint}: ${message}`],
          }
        }
      }
      return total
    },

    async start(context, mountPoint, options) {
      const { caller, now, scope } = context
      const backEnd = await own(context, mountPoint, 'sync_mount_async')
      const { mount } = backEnd
      const job = {
        tenant: mount.tenant,
        jobId: uuidv7(),
        mountId: mount.mountId,
        mountPoint: mount.mountPoint,
        request: requestOf(backEnd, options),
        createdAt: now,
        createdBy: actorName(caller),
      }
      const audit = auditRow(context, 'sync_mount_async', mount.mountPoint, { tenant: mount.tenant })
      const request = { job, audit, forget: now - KEPT_MS }
      await db.write('createSyncJob', request, { group: mount.tenant, deadline: scope.deadline })
      runner.wake()
      const rest = { startedAt: null, completedAt: null, result: null, errorMessage: null, progressDetail: null }
      return { ...job, ...rest, status: 'pending', progressPct: 0, attempts: 0 }
    },

    find: known,

    async list(context, { mountPoint, status, limit }) {
      const { tenant } = context.caller
      const at = mountPoint === null ? null : mountPointOf(context, mountPoint)
      const filter = { mountPoint: at?.path ?? '', status: status ?? '' }
      const jobs = await db.read(() => syncJobs(tenant, filter), { deadline: context.scope.deadline })
      return (await ownOf(deps, context, jobs)).slice(0, limit)
    },

    async cancel(context, jobId) {
      const job = await known(context, jobId)
      if (job === null) return null
      const audit = auditRow(context, 'cancel_sync_job', job.mountPoint, { tenant: job.tenant })
      const request = { tenant: job.tenant, jobId, now: context.now, audit }
      const before = await db.write('cancelSyncJob', request, { group: job.tenant, deadline: context.scope.deadline })
      runner.cancel(jobId)
      return before
    },
  }
}

/** @throws NexusError INVALID_PARAMS */
async function serving({ files, backEnds }: MountsDeps, { scope }: CallContext, at: TreePath): Promise<BackEnd> {
  const [mount] = await files.db.read(() => mountsAt(at.tree, at.path), { deadline: scope.deadline })
  const backEnd = mount === undefined ? null : await backEnds.get(at.tree, mount.mountId, scope.deadline)
  if (backEnd === null) throw new NexusError('INVALID_PARAMS', `Nothing is mounted at '${at.path}'`)
  return backEnd
}

/** Those whose mount points the caller owns, in order. */
async function ownOf<T extends { readonly mountPoint: string }>(
  { rights }: MountsDeps,
  context: CallContext,
  items: readonly T[],
): Promise<readonly T[]> {
  const points = [...new Set(items.map(({ mountPoint }) => mountPoint))]
  if (points.length === 0) return []
  const objects = points.map((point) => objectName('file', point, context.caller.tenant))
  const owned = await rights.owns(context, objects)
  const mine = new Set(points.filter((_, index) => owned[index] === true))
  return items.filter(({ mountPoint }) => mine.has(mountPoint))
}

function requestOf({ mount }: BackEnd, { path, ...options }: SyncOptions): SyncRequest {
  const at = resolveFilePath(path ?? mount.mountPoint, mount.tenant)
  const mountPoint = resolveFilePath(mount.mountPoint, mount.tenant)
  // A path may be written from the mount point, too.
  const inside = at.path === mountPoint.path || at.path.startsWith(`${mountPoint.path}/`)
  const whole = inside ? at : resolveFilePath(`${mountPoint.path}${at.path}`, mount.tenant)
  const request = { ...options, path: whole.path }
  checkPatterns(mountPoint, request)
  return request
}

/** Nobody waits for the answer, or nobody should wait any longer. */
function untilGone(context: CallContext): SyncHooks['check'] {
  const gone = context.gone?.()
  const end = Date.now() + PATIENCE_MS
  return () => {
    if (gone?.aborted === true) throw new NexusError('CANCELLED', 'The caller went away; what was done stays.')
    if (Date.now() < end) return
    throw new NexusError(
      'MOUNT_UNAVAILABLE',
      'The synchronisation takes too long to be waited for; use sync_mount_async.',
    )
  }
}

function firstOfEach<T extends { readonly mountPoint: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.toReversed().map((item) => [item.mountPoint, item])).values()]
}

const NOTHING: SyncResult = {
  filesScanned: 0,
  filesCreated: 0,
  filesUpdated: 0,
  filesDeleted: 0,
  cacheSynced: 0,
  cacheBytes: 0,
  cacheSkipped: 0,
  errors: [],
}

function plus(total: SyncOfAll, one: SyncResult): SyncOfAll {
  return {
    filesScanned: total.filesScanned + one.filesScanned,
    filesCreated: total.filesCreated + one.filesCreated,
    filesUpdated: total.filesUpdated + one.filesUpdated,
    filesDeleted: total.filesDeleted + one.filesDeleted,
    cacheSynced: total.cacheSynced + one.cacheSynced,
    cacheBytes: total.cacheBytes + one.cacheBytes,
    cacheSkipped: total.cacheSkipped + one.cacheSkipped,
    errors: [...total.errors, ...one.errors],
    mountsSynced: total.mountsSynced + 1,
    mountsSkipped: total.mountsSkipped,
  }
}
