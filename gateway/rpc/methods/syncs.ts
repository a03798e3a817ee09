import { z } from 'zod'
import { presentResult } from '../../mounts/sync/present-result.ts'
import { SYNC_STATUSES, type SyncJob } from '../../mounts/sync/sync-job.ts'
import type { Syncs } from '../../mounts/sync/contract.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, path, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const patterns = optional(z.array(line).max(100))
const syncOptions = {
  path: optional(path),
  recursive: withDefault(z.boolean(), true),
  dry_run: withDefault(z.boolean(), false),
  sync_content: withDefault(z.boolean(), true),
  include_patterns: patterns,
  exclude_patterns: patterns,
  generate_embeddings: withDefault(
    z.boolean().refine((wanted) => !wanted, 'must be false: no embeddings are made here'),
    false,
  ),
  context: ignored,
}

function optionsOf(params: z.output<z.ZodObject<typeof syncOptions>>) {
  return {
    path: params.path ?? null,
    recursive: params.recursive,
    dryRun: params.dry_run,
    syncContent: params.sync_content,
    includePatterns: params.include_patterns ?? null,
    excludePatterns: params.exclude_patterns ?? [],
  }
}

/** Mounts something for an example. */
function mounted(point: string) {
  return ['add_mount', { mount_point: point, backend_type: 'memory', backend_config: {} }] as const
}

/** The methods that bring the index of mounts up to date (nexus-api.md 2.3). */
export function syncMethods(syncs: Syncs): Method[] {
  return [
    defineMethod({
      name: 'sync_mount',
      params: z.strictObject({ mount_point: optional(path), ...syncOptions }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const options = optionsOf(params)
        if (params.mount_point !== undefined) {
          return presentResult(await syncs.run(context, params.mount_point, options))
        }
        const result = await syncs.runAll(context, options)
        return { ...presentResult(result), mounts_synced: result.mountsSynced, mounts_skipped: result.mountsSkipped }
      },
      docs: {
        summary:
          'Looks up what the back end of a mount has, and answers when it is done; without a mount, of all mounts',
        example: { before: [mounted('/mounts/synced')], params: { mount_point: '/mounts/synced', dry_run: true } },
      },
    }),
    defineMethod({
      name: 'sync_mount_async',
      params: z.strictObject({ mount_point: path, ...syncOptions }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const job = await syncs.start(context, params.mount_point, optionsOf(params))
        return { job_id: job.jobId, status: job.status, mount_point: job.mountPoint }
      },
      docs: {
        summary: 'Begins to look up what the back end of a mount has, and answers with the id of the job',
        example: { before: [mounted('/mounts/job')], params: { mount_point: '/mounts/job' } },
      },
    }),
    ...jobMethods(syncs),
  ]
}

const NO_JOB = '00000000-0000-7000-8000-000000000000'

function jobMethods(syncs: Syncs): Method[] {
  const oneJob = z.strictObject({ job_id: line, context: ignored })
  return [
    defineMethod({
      name: 'get_sync_job',
      params: oneJob,
      cacheControl: CACHE.none,
      async handle(params, context) {
        const job = await syncs.find(context, params.job_id)
        return job === null ? null : present(job)
      },
      docs: { summary: 'Says how far a sync job is; null if there is none', example: { params: { job_id: NO_JOB } } },
    }),
    defineMethod({
      name: 'list_sync_jobs',
      params: z.strictObject({
        mount_point: optional(path),
        status: optional(z.enum(SYNC_STATUSES)),
        limit: withDefault(z.int().min(1).max(1_000), 50),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle({ mount_point: mountPoint = null, status = null, limit }, context) {
        return (await syncs.list(context, { mountPoint, status, limit })).map(present)
      },
      docs: { summary: "Lists sync jobs of the caller's mounts, the latest first", example: { params: { limit: 10 } } },
    }),
    defineMethod({
      name: 'cancel_sync_job',
      params: oneJob,
      cacheControl: CACHE.none,
      async handle({ job_id: jobId }, context) {
        const before = await syncs.cancel(context, jobId)
        const success = before === 'pending' || before === 'running'
        return { success, job_id: jobId, message: messageOf(before) }
      },
      docs: { summary: 'Ends a sync job; what it has done stays', example: { params: { job_id: NO_JOB } } },
    }),
  ]
}

function messageOf(before: SyncJob['status'] | null): string {
  if (before === null) return 'There is no such sync job.'
  if (before === 'pending') return 'The sync job was cancelled.'
  return before === 'running' ? 'The sync job is being cancelled.' : `The sync job is ${before} already.`
}

function present(job: SyncJob) {
  return {
    id: job.jobId,
    mount_point: job.mountPoint,
    status: job.status,
    progress_pct: job.progressPct,
    progress_detail: job.progressDetail,
    created_at: isoTime(job.createdAt),
    started_at: job.startedAt === null ? null : isoTime(job.startedAt),
    completed_at: job.completedAt === null ? null : isoTime(job.completedAt),
    result: job.result,
    error_message: job.errorMessage,
  }
}
