import type { JsonObject } from '../../../services/common/json.ts'
import { describeError, NexusError, toNexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../../services/common/log.ts'
import type { BackEnds } from '../back-ends.ts'
import { presentResult } from './present-result.ts'
import { openSyncJobs, type SyncJob } from './sync-job.ts'
import { type SyncDeps, syncMount, type SyncProgress } from './sync-mount.ts'

export interface SyncRunnerOptions {
  readonly deps: SyncDeps
  readonly backEnds: BackEnds
  readonly logger: Pick<Logger, 'warn'>
  /** Names this gateway. */
  readonly ownerId: string
  /** Larger contents are left where they are, in bytes. */
  readonly largest: number
}

/** How often a gateway looks for jobs that nobody runs, in milliseconds. */
const SWEEP_MS = 1_000
/** A gateway that has not been heard of for this long is gone, in milliseconds. */
const HOLD_MS = 10_000
const RENEW_MS = 1_000
const AT_ONCE = 2
/** A job that took so many gateways with it is not tried again. */
const MOST_ATTEMPTS = 5

/** Why a run ends before its end. */
type Stop = 'cancelled' | 'lost' | 'closing'

/** Runs sync jobs: those of this gateway, and those that another one left. Synchronising twice does no harm. */
export class SyncRunner {
  readonly #options: SyncRunnerOptions
  readonly #running = new Map<string, Run>()
  readonly #timer: NodeJS.Timeout
  #closing = false
  #sweeping: Promise<void> = Promise.resolve()

  constructor(options: SyncRunnerOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.wake(), SWEEP_MS).unref()
    this.wake()
  }

  /** There may be something to do. */
  wake(): void {
    this.#sweeping = this.#sweeping.then(() => this.#sweep())
  }

  /** Somebody wants a job to end; if it runs here it need not hear of it from the database. */
  cancel(jobId: string): void {
    this.#running.get(jobId)?.end('cancelled')
  }

  /** Jobs that run are left to others, or to the next start. */
  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#timer)
    for (const run of this.#running.values()) run.end('closing')
    await this.#sweeping
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  async #sweep(): Promise<void> {
    const { deps, ownerId: owner, logger } = this.#options
    try {
      while (!this.#closing && this.#running.size < AT_ONCE && (await deps.db.read(openSyncJobs))) {
        const alone = deps.db.dialect === 'sqlite'
        const job = await deps.db.write('claimSyncJob', { owner, now: Date.now(), holdMs: HOLD_MS, alone })
        if (job === null) return
        this.#start(job)
      }
    } catch (error) {
      logger.warn({ error: describeError(error) }, 'sync jobs were not looked for; it will be repeated')
    }
  }

  #start(job: SyncJob): void {
    const run = new Run(this.#options, job)
    this.#running.set(job.jobId, run)
    void run.done.then(() => {
      this.#running.delete(job.jobId)
      if (!this.#closing) this.wake()
    })
  }
}

/** One attempt at a job. */
class Run {
  /** Never fails. */
  readonly done: Promise<void>
  readonly #options: SyncRunnerOptions
  readonly #job: SyncJob
  #stop: Stop | null = null
  #progress: SyncProgress = { stage: 'listing', done: 0, total: null }

  constructor(options: SyncRunnerOptions, job: SyncJob) {
    this.#options = options
    this.#job = job
    this.done = this.#run()
  }

  end(why: Stop): void {
    this.#stop ??= why
  }

  async #run(): Promise<void> {
    const { deps, logger } = this.#options
    const { tenant, jobId } = this.#job
    const owner = this.#options.ownerId
    const renewal = setInterval(() => void this.#renew(), RENEW_MS)
    try {
      // Somebody may have wanted it to end while nobody ran it.
      await this.#renew()
      const ended = await this.#attempt()
      if (ended === 'lost') return
      const end = { tenant, jobId, owner, now: Date.now() }
      if (ended === 'closing') await deps.db.write('releaseSyncJob', { tenant, jobId, owner })
      else if (ended === 'cancelled')
        await deps.db.write('endSyncJob', { ...end, status: ended, result: null, error: null })
      else await deps.db.write('endSyncJob', { ...end, ...ended })
    } catch (error) {
      // It is taken up again when nobody holds it any more.
      logger.warn({ jobId, error: describeError(error) }, 'the end of a sync job was not noted')
    } finally {
      clearInterval(renewal)
    }
  }

  async #attempt(): Promise<
    | Stop
    | { readonly status: 'completed' | 'failed'; readonly result: JsonObject | null; readonly error: string | null }
  > {
    const { deps, backEnds, largest, logger } = this.#options
    const { tenant, mountId, mountPoint, request, attempts } = this.#job
    try {
      if (attempts > MOST_ATTEMPTS)
        throw new NexusError('INTERNAL', `The job was begun ${MOST_ATTEMPTS} times and never ended.`)
      const backEnd = await backEnds.get(tenant, mountId)
      if (backEnd === null) throw new NexusError('FILE_NOT_FOUND', `Nothing is mounted at '${mountPoint}' any more.`)
      const result = await syncMount(deps, backEnd, request, { largest, check: (progress) => this.#check(progress) })
      return { status: 'completed', result: presentResult(result), error: null }
    } catch (error) {
      if (this.#stop !== null) return this.#stop
      const { message, reason } = toNexusError(error)
      if (reason === 'INTERNAL') logger.warn({ jobId: this.#job.jobId, err: error }, 'a sync job failed')
      return { status: 'failed', result: null, error: message }
    }
  }

  #check(progress: SyncProgress): void {
    this.#progress = progress
    if (this.#stop !== null) throw new NexusError('CANCELLED', 'The synchronisation was ended.')
  }

  async #renew(): Promise<void> {
    const { deps, ownerId: owner } = this.#options
    const { tenant, jobId, attempts } = this.#job
    const progress = this.#progress
    const request = {
      tenant,
      jobId,
      owner,
      now: Date.now(),
      holdMs: HOLD_MS,
      progressPct: percentOf(progress),
      detail: { ...progress, attempts },
    }
    // A database that is away is asked again; when it is back it says whether the job is still ours.
    const held = await deps.db.write('renewSyncJob', request).catch(() => 'held' as const)
    if (held === 'cancelling') this.end('cancelled')
    if (held === 'lost') this.end('lost')
  }
}

const STAGES = { listing: [0, 10], index: [10, 40], contents: [40, 99] } as const

function percentOf({ stage, done, total }: SyncProgress): number {
  const [from, to] = STAGES[stage]
  const part = total === null || total === 0 ? 0 : done / total
  return Math.floor(from + (to - from) * part)
}
