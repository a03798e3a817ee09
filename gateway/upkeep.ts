import { describeError } from '../services/common/errors/nexus-error.ts'
import type { Logger } from '../services/common/log.ts'
import { trimAudit } from './audit/trim-audit.ts'
import { collectOrphans, collectStrays } from './content/collector.ts'
import type { ContentStore } from './content/contract.ts'
import { trimShareLinks } from './share-links/trim-share-links.ts'
import { trimSignIns } from './sign-in/trim-sign-ins.ts'
import { inPieces } from './store/in-pieces.ts'
import type { GatewayDatabase } from './store/open-store.ts'
import { purgeExpired } from './trash/purge-expired.ts'

const TRASH_EVERY_MS = 600_000
const ORPHANS_EVERY_MS = 600_000
const UPLOADS_EVERY_MS = 600_000
const UPLOADS_MARGIN_MS = 3_600_000
const LOCKS_EVERY_MS = 600_000
/** Far more than the clocks of gateways and databases differ. */
const OLD_LOCK_MS = 3_600_000
const REGISTRATIONS_EVERY_MS = 600_000
const AUDIT_EVERY_MS = 3_600_000
const LINKS_EVERY_MS = 3_600_000
const STRAYS_EVERY_MS = 21_600_000

/** What takes a look at everything, which a start need not wait for. */
const LARGE: ReadonlySet<string> = new Set(['orphans', 'strays', 'torn writes in mounts'])

export interface UpkeepOptions {
  readonly db: GatewayDatabase
  readonly store: ContentStore
  readonly logger: Logger
  /** What is uploaded step by step. */
  readonly uploads: {
    readonly deleteExpired: () => Promise<number>
    /** How long an upload is kept, in milliseconds. */
    readonly getExpiration: () => number
  }
  /** How long the trash keeps what was deleted, in milliseconds. */
  readonly trashRetentionMs: number
  /** What crashed writes have left in the back ends of mounts. */
  readonly mounts: { readonly removeTorn: (stop: AbortSignal) => Promise<number> }
  /** How long the audit trail keeps what was done, and share links who came with them, in milliseconds. */
  readonly auditRetentionMs: number
  /** How often contents that nothing refers to are collected, in milliseconds. @default 600000 */
  readonly orphansEveryMs?: number
}

/** Empties the trash and collects contents that nothing refers to, now and then. Answers how to stop it. */
export function startUpkeep({
  db,
  store,
  logger,
  uploads,
  mounts,
  trashRetentionMs,
  auditRetentionMs,
  orphansEveryMs = ORPHANS_EVERY_MS,
}: UpkeepOptions): () => Promise<void> {
  const stop = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const timers = (
    [
      ['trash', TRASH_EVERY_MS, () => purgeExpired({ db, retentionMs: trashRetentionMs })],
      ['orphans', orphansEveryMs, () => collectOrphans({ db, store })],
      ['uploads', UPLOADS_EVERY_MS, () => uploads.deleteExpired()],
      ['finished uploads', UPLOADS_EVERY_MS, () => trimFinishedUploads(db, uploads.getExpiration())],
      ['audit', AUDIT_EVERY_MS, () => trimAudit({ db, retentionMs: auditRetentionMs })],
      ['sign-ins', AUDIT_EVERY_MS, () => trimSignIns(db)],
      ['mount locks', LOCKS_EVERY_MS, () => dropOldLocks(db)],
      ['registrations', REGISTRATIONS_EVERY_MS, () => dropExpiredRegistrations(db)],
      ['share links', LINKS_EVERY_MS, () => trimShareLinks({ db, retentionMs: auditRetentionMs })],
      ['strays', STRAYS_EVERY_MS, () => collectStrays({ db, store })],
      ['torn writes in mounts', STRAYS_EVERY_MS, () => mounts.removeTorn(stop.signal)],
    ] as const
  ).map(([what, every, collect]) => {
    const round = async (): Promise<void> => {
      try {
        const collected = await collect()
        if (collected > 0) logger.info({ collected, what }, 'what is not needed any more was deleted')
      } catch (error) {
        logger.warn(
          { what, error: describeError(error) },
          'what is not needed any more was not deleted; it will be repeated',
        )
      }
    }
    const start = (): void => {
      running = running.then(round)
    }
    // A gateway that is restarted often must not keep for ever what was to go.
    if (!LARGE.has(what)) start()
    return setInterval(start, every).unref()
  })
  return () => {
    stop.abort()
    for (const timer of timers) clearInterval(timer)
    return running
  }
}

/** After the uploads themselves, whose notes say the same. @param expiryMs how long an upload is kept, in milliseconds */
function trimFinishedUploads(db: GatewayDatabase, expiryMs: number): Promise<number> {
  const before = Date.now() - expiryMs - UPLOADS_MARGIN_MS
  return inPieces((limit) => db.write('trimFinishedUploads', { before, limit }, { group: 'uploads' }))
}

function dropExpiredRegistrations(db: GatewayDatabase): Promise<number> {
  return db.write('dropExpiredRegistrations', { now: Date.now() }, { group: 'registrations' })
}

function dropOldLocks(db: GatewayDatabase): Promise<number> {
  return db.write('dropOldMountLocks', { before: Date.now() - OLD_LOCK_MS }, { group: 'mounts' })
}
