import type { JsonObject } from '../../../services/common/json.ts'
import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../../audit/commands.ts'
import { CLOCK } from '../../outbox/scripts.ts'
import { jobOf, type SyncJob, type SyncJobRow, type SyncRequest } from '../sync/sync-job.ts'

interface Holding {
  /** Names the gateway. */
  readonly owner: string
  readonly now: number
  /** How long the job is held if that is not renewed, in milliseconds. */
  readonly holdMs: number
}

interface JobName {
  readonly tenant: string
  readonly jobId: string
}

/** On PostgreSQL the server's clock decides, so that gateways need not agree on the time. */
function timed(text: (clock: string) => string): Record<'sqlite' | 'postgres', string> {
  return { sqlite: text('$1'), postgres: text(`(${CLOCK} + 0 * $1::bigint)`) }
}

const CLAIM = timed(
  (clock) => `update sync_jobs set status = 'running', owner = $2, expires_at = ${clock} + $3,
  attempts = attempts + 1, started_at = coalesce(started_at, $1)
where (tenant, job_id) = (select tenant, job_id from sync_jobs
  where status = 'pending' or (status = 'running' and owner <> $2 and (expires_at <= ${clock} or $4 = 1))
  order by created_at limit 1 SKIP)
returning *`,
)
const CLAIM_JOB = {
  sqlite: CLAIM.sqlite.replace(' SKIP', ''),
  postgres: CLAIM.postgres.replace('SKIP', 'for update skip locked').replace('$4 = 1', '$4::bigint = 1'),
}

const RENEW_JOB = timed(
  (clock) => `update sync_jobs set expires_at = ${clock} + $2, progress_pct = $3, progress_detail = $4
where tenant = $5 and job_id = $6 and owner = $7 and status = 'running' returning cancelling`,
)

/** The transactions of sync jobs. */
export const syncJobCommands = {
  *createSyncJob(request: {
    readonly job: Pick<SyncJob, 'tenant' | 'jobId' | 'mountId' | 'mountPoint' | 'createdAt' | 'createdBy'> & {
      readonly request: SyncRequest
    }
    readonly audit: AuditRow
    /** Jobs that ended before this are forgotten. */
    readonly forget: number
  }): Script<void> {
    const { job, audit, forget } = request
    yield* run(
      `insert into sync_jobs (tenant, job_id, mount_id, mount_point, request, status, progress_pct, attempts, cancelling,
  created_at, created_by)
values ($1, $2, $3, $4, $5, 'pending', 0, 0, 0, $6, $7)`,
      job.tenant,
      job.jobId,
      job.mountId,
      job.mountPoint,
      JSON.stringify(job.request),
      job.createdAt,
      job.createdBy,
    )
    yield* run('delete from sync_jobs where tenant = $1 and completed_at < $2', job.tenant, forget)
    yield* insertAudit(audit)
  },

  /**
   * Takes the oldest job that nobody runs. `alone`: no other gateway uses this database, so that a job that is said to
   * run has been left by one that is gone. null: there is none.
   */
  *claimSyncJob({ owner, now, holdMs, alone }: Holding & { readonly alone: boolean }): Script<SyncJob | null> {
    const row = yield* first<SyncJobRow>(CLAIM_JOB, now, owner, holdMs, alone ? 1 : 0)
    return row === undefined ? null : jobOf(row)
  },

  /** Holds on to a job, and says how far it is. 'lost': another gateway runs it, or it is ended. */
  *renewSyncJob(
    request: JobName & Holding & { readonly progressPct: number; readonly detail: JsonObject },
  ): Script<'held' | 'cancelling' | 'lost'> {
    const { tenant, jobId, owner, now, holdMs, progressPct, detail } = request
    const row = yield* first<{ cancelling: number }>(
      RENEW_JOB,
      now,
      holdMs,
      progressPct,
      JSON.stringify(detail),
      tenant,
      jobId,
      owner,
    )
    if (row === undefined) return 'lost'
    return row.cancelling === 1 ? 'cancelling' : 'held'
  },

  /** Notes how a job ended, if the gateway still holds it. */
  *endSyncJob(
    request: JobName & {
      readonly owner: string
      readonly now: number
      readonly status: 'completed' | 'failed' | 'cancelled'
      readonly result: JsonObject | null
      readonly error: string | null
    },
  ): Script<void> {
    const { tenant, jobId, owner, now, status, result, error } = request
    yield* run(
      `update sync_jobs set status = $4, completed_at = $5, result = $6, error_message = $7, owner = null,
  progress_pct = case when $4 = 'completed' then 100 else progress_pct end
where tenant = $1 and job_id = $2 and owner = $3 and status = 'running'`,
      tenant,
      jobId,
      owner,
      status,
      now,
      result === null ? null : JSON.stringify(result),
      error,
    )
  },

  /** Gives back a job of a gateway that is being closed, for another one or for the next start. */
  *releaseSyncJob({ tenant, jobId, owner }: JobName & { readonly owner: string }): Script<void> {
    yield* run(
      `update sync_jobs set status = 'pending', owner = null
where tenant = $1 and job_id = $2 and owner = $3 and status = 'running'`,
      tenant,
      jobId,
      owner,
    )
  },

  /** Ends a job that nobody runs, or tells the one who runs it. What the job was before; null if there is none. */
  *cancelSyncJob(
    request: JobName & { readonly now: number; readonly audit: AuditRow },
  ): Script<SyncJob['status'] | null> {
    const { tenant, jobId, now, audit } = request
    const row = yield* first<SyncJobRow>(
      {
        sqlite: 'select * from sync_jobs where tenant = $1 and job_id = $2',
        postgres: 'select * from sync_jobs where tenant = $1 and job_id = $2 for update',
      },
      tenant,
      jobId,
    )
    if (row === undefined) return null
    if (row.status !== 'pending' && row.status !== 'running') return row.status
    yield* run('update sync_jobs set cancelling = 1 where tenant = $1 and job_id = $2', tenant, jobId)
    if (row.status === 'pending') {
      yield* run(
        "update sync_jobs set status = 'cancelled', completed_at = $3 where tenant = $1 and job_id = $2",
        tenant,
        jobId,
        now,
      )
    }
    yield* insertAudit(audit)
    return row.status
  },
}
