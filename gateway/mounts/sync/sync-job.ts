import type { JsonObject } from '../../../services/common/json.ts'
import { all, first, type Script } from '../../../services/common/sql/script.ts'

export const SYNC_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const
export type SyncStatus = (typeof SYNC_STATUSES)[number]

/** What shall be synchronised, and how. */
export interface SyncRequest {
  /** A path at or below the mount point. */
  readonly path: string
  readonly recursive: boolean
  /** Only say what would change. */
  readonly dryRun: boolean
  /** Bring contents into the content store, too. */
  readonly syncContent: boolean
  /** Patterns of paths below the mount point; null: all. */
  readonly includePatterns: readonly string[] | null
  readonly excludePatterns: readonly string[]
}

/** A synchronisation that runs by itself. Times are milliseconds since 1970. */
export interface SyncJob {
  readonly tenant: string
  readonly jobId: string
  readonly mountId: string
  readonly mountPoint: string
  readonly request: SyncRequest
  readonly status: SyncStatus
  /** 0 to 100. */
  readonly progressPct: number
  readonly progressDetail: JsonObject | null
  /** How many gateways have begun with it. */
  readonly attempts: number
  readonly createdAt: number
  readonly createdBy: string
  readonly startedAt: number | null
  readonly completedAt: number | null
  readonly result: JsonObject | null
  readonly errorMessage: string | null
}

export interface SyncJobRow {
  readonly tenant: string
  readonly job_id: string
  readonly mount_id: string
  readonly mount_point: string
  readonly request: string
  readonly status: SyncStatus
  readonly progress_pct: number
  readonly progress_detail: string | null
  readonly attempts: number
  readonly created_at: number
  readonly created_by: string
  readonly started_at: number | null
  readonly completed_at: number | null
  readonly result: string | null
  readonly error_message: string | null
}

/** null if there is none. */
export function* syncJob(tenant: string, jobId: string): Script<SyncJob | null> {
  const row = yield* first<SyncJobRow>('select * from sync_jobs where tenant = $1 and job_id = $2', tenant, jobId)
  return row === undefined ? null : jobOf(row)
}

/** The latest first. '' stands for any. */
export function* syncJobs(
  tenant: string,
  { mountPoint, status }: { readonly mountPoint: string; readonly status: string },
): Script<readonly SyncJob[]> {
  const rows = yield* all<SyncJobRow>(
    {
      sqlite: JOBS,
      postgres: JOBS.replaceAll('$2', '$2::text').replaceAll('$3', '$3::text'),
    },
    tenant,
    mountPoint,
    status,
  )
  return rows.map(jobOf)
}

const JOBS = `select * from sync_jobs where tenant = $1 and ($2 = '' or mount_point = $2) and ($3 = '' or status = $3)
order by created_at desc, job_id desc`

/** Tenants with jobs that somebody should run, or run on. */
export function* openSyncJobs(): Script<boolean> {
  return (yield* first("select 1 as one from sync_jobs where status in ('pending', 'running') limit 1")) !== undefined
}

export function jobOf(row: SyncJobRow): SyncJob {
  return {
    tenant: row.tenant,
    jobId: row.job_id,
    mountId: row.mount_id,
    mountPoint: row.mount_point,
    request: JSON.parse(row.request) as SyncRequest,
    status: row.status,
    progressPct: row.progress_pct,
    progressDetail: objectOf(row.progress_detail),
    attempts: row.attempts,
    createdAt: row.created_at,
    createdBy: row.created_by,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    result: objectOf(row.result),
    errorMessage: row.error_message,
  }
}

function objectOf(text: string | null): JsonObject | null {
  return text === null ? null : (JSON.parse(text) as JsonObject)
}
